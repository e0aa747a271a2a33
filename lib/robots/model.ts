/** What a robot could do too often. */
export type CountedAct = "begin" | "ask" | "try" | "sign-in" | "enrol" | "request";

/** Over how many minutes all rates run. */
export const rateMinutes = 10;

/** From how many texts and calls in ten minutes on each further one needs a proof of work: from one network, and from all together. */
export const askRates = { fromOneNetwork: 20, inTotal: 200 } as const;

/** How many attempts one network may begin in ten minutes: enough for an office that shares one address. */
export const beginRate = 150;

/** How many codes one network may type in ten minutes: four for each attempt that it may begin. */
export const tryRate = 600;

/** How many steps of the way in to the console one network may take in ten minutes: enough for a shift that begins at once. */
export const signInRate = 300;

/** How many requests of applications may wait for one network in ten minutes: four for each attempt that it may begin. */
export const requestRate = 600;

/** For how long a proof of work may be handed in. */
export const proofSeconds = 300;

/** How many machines one network may try to enrol in ten minutes: one a second, for a roll-out behind one address. */
export const enrolRate = 600;

/**
 * How much work a proof is: PBKDF2-SHA-256 of so many rounds, tried for each number from 0 to one drawn between these two.
 * About a second for a phone that uses all its cores.
 */
export const proofWork = { rounds: 1000, triesMin: 1500, triesMax: 3000 } as const;

/** Whether so many asks, this one counted, are more than people make. */
export function decideProofNeeded(counted: { fromOneNetwork: number; inTotal: number }): boolean {
  return counted.fromOneNetwork > askRates.fromOneNetwork || counted.inTotal > askRates.inTotal;
}

/** Over how many minutes all rates run. */
export const rateMinutes = 10;

/** From how many texts and calls in ten minutes on each further one needs a proof of work: from one network, and from all together. */
export const askRates = { fromOneNetwork: 20, inTotal: 200 } as const;

/** How many of each act one network may do in ten minutes. */
export const networkRates = {
  /** Attempts to sign in at `/otp`: enough for an office that shares one address. */
  begin: 150,
  /**
   * Codes typed at `/otp`: four for each attempt that may begin. Each leaves an event, those that cost no try (a slip of the finger,
   * an attempt that isn't theirs) too.
   */
  try: 600,
  /**
   * Steps of a stranger on the way in to the console: enough for a shift that begins at once. Each costs an Argon2id, a row or
   * an event. Staff who are signed in are not asked.
   */
  "sign-in": 300,
  /** Machines that try to enrol: one a second, for a roll-out behind one address. */
  enrol: 600,
  /**
   * Requests of applications that wait for the proof: four for each attempt that may begin. Each is kept for an hour, with all
   * that it says.
   */
  request: 600,
} as const;

/** What one network may do so often and no oftener. */
export type RatedAct = keyof typeof networkRates;

/** What a robot could do too often. */
export type CountedAct = RatedAct | "ask";

/** For how long a proof of work may be handed in. */
export const proofSeconds = 300;

/**
 * How much work a proof is: PBKDF2-SHA-256 of so many rounds, tried for each number from 0 to one drawn between these two.
 * About a second for a phone that uses all its cores.
 */
export const proofWork = { rounds: 1000, triesMin: 1500, triesMax: 3000 } as const;

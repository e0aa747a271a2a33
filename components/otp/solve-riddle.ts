import { type Challenge, solveChallengeWorkers } from "altcha-lib";

const workersMax = 8;
const patienceMs = 60_000;

/**
 * Solves a riddle of the server on the cores of this machine.
 * @returns JSON `{ challenge, solution }`.
 * @throws where it can't be done: no secure context, too slow, stopped.
 */
export async function solveRiddle(riddle: string, stop: AbortController): Promise<string> {
  const challenge = JSON.parse(riddle) as Challenge;
  const solution = await solveChallengeWorkers({
    challenge,
    concurrency: Math.min(navigator.hardwareConcurrency || 2, workersMax),
    controller: stop,
    createWorker: () => new Worker(new URL("./riddle-worker.ts", import.meta.url), { type: "module" }),
    timeout: patienceMs,
  });
  if (solution === null) throw new Error("not solved");
  return JSON.stringify({
    challenge,
    solution: { counter: solution.counter, derivedKey: solution.derivedKey },
  });
}

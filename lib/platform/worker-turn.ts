import "server-only";

/** From how many milliseconds without a turn on the worker does not count as working: it looks for work every two seconds. */
export const workerPatienceMs = 30_000;

const slot = globalThis as { __sparekeyWorkerTurnedAt?: number };

/** Says that the worker of this process has just asked the database for work and heard an answer. */
export function noteWorkerTurn(): void {
  slot.__sparekeyWorkerTurnedAt = performance.now();
}

/** Whether the worker of this process has turned lately. */
export function isWorkerTurning(): boolean {
  const turnedAt = slot.__sparekeyWorkerTurnedAt;
  return turnedAt !== undefined && performance.now() - turnedAt < workerPatienceMs;
}

import "server-only";
import { processWide } from "./process-wide";

/** From how many milliseconds without a turn on the worker does not count as working: it looks for work every two seconds. */
export const workerPatienceMs = 30_000;

const worker = processWide("worker", (): { turnedAt?: number } => ({}));

/** Says that the worker of this process has just asked the database for work and heard an answer. */
export function noteWorkerTurn(): void {
  worker.turnedAt = performance.now();
}

/** Whether the worker of this process has turned lately. */
export function isWorkerTurning(): boolean {
  const { turnedAt } = worker;
  return turnedAt !== undefined && performance.now() - turnedAt < workerPatienceMs;
}

import "server-only";
import { processWide } from "@/lib/platform/process-wide";

const last = processWide("turns", () => new Map<string, Promise<unknown>>());

/**
 * Runs `work` after all earlier work of the same key has ended, well or badly: one at a time for a key, side by side for
 * different ones. In this process only; what must hold among several stands in the database.
 */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
  last.set(key, mine);
  try {
    return await mine;
  } finally {
    if (last.get(key) === mine) last.delete(key);
  }
}

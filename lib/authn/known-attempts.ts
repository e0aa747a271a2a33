import "server-only";
import { LRUCache } from "lru-cache";
import { processWide } from "@/lib/platform/process-wide";

const keptMax = 10_000;

/** Whose an attempt is; null: nobody's. */
interface Owner {
  readonly userId: string | null;
}

const known = processWide("attempts", () => new LRUCache<string, Owner>({ max: keptMax }));

/**
 * Remembers whose attempt it is, which never changes, so that the proof needs one statement fewer. A convenience of this
 * process: whoever doesn't find it here asks the database. The ten thousand that were asked for last are kept.
 */
export function rememberAttempt(attemptId: string, userId: string | null): void {
  known.set(attemptId, { userId });
}

/** Whose attempt it is, null for nobody's; undefined where this process doesn't know. */
export function recallAttempt(attemptId: string): string | null | undefined {
  return known.get(attemptId)?.userId;
}

/** Forgets an attempt that is over. */
export function forgetAttempt(attemptId: string): void {
  known.delete(attemptId);
}

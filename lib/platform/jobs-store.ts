import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "./transaction";

/** The work that is done outside a request; handlers stand in `api/worker.ts`. */
export type JobTask = "deliver" | "answer-ask" | "notify";

/**
 * Puts a job into the queue, in the caller's transaction: it exists if and only if that commits.
 * A second job with the same `key` takes the place of one that has not begun.
 * @param payload ids only, never a secret.
 * @param options.delaySeconds not begun before, by the database's clock; at once without it.
 */
export async function enqueueJob(
  tx: Tx,
  task: JobTask,
  payload: Readonly<Record<string, string>>,
  options: { key: string; delaySeconds?: number },
): Promise<void> {
  await tx.execute(
    sql`select sparekey_enqueue_job(${task}, ${JSON.stringify(payload)}::json, ${options.key}, now() + make_interval(secs => ${options.delaySeconds ?? 0}::float8))`,
  );
}

import "server-only";
import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "./transaction";

/** The work that is done outside a request; handlers stand in `api/worker.ts`. */
export type JobTask = "deliver" | "answer-ask" | "notify" | "make-slots" | "import" | "send-webhooks";

/** A job to be put into the queue. */
export interface NewJob {
  task: JobTask;
  /** Ids only, never a secret. */
  payload: Readonly<Record<string, string>>;
  /** A second job with the same key takes the place of one that has not begun. */
  key: string;
  /** Not begun before, by the database's clock; at once without it. */
  delaySeconds?: number;
}

/** The expression that puts `job` into the queue: for a statement that does it beside what the job is about. */
export function enqueueCall({ task, payload, key, delaySeconds = 0 }: NewJob): SQL {
  return sql`sparekey_enqueue_job(${task}, ${JSON.stringify(payload)}::json, ${key}, now() + make_interval(secs => ${delaySeconds}::float8))`;
}

/** Puts a job into the queue, in the caller's transaction: it exists if and only if that commits. */
export async function enqueueJob(tx: Tx, job: NewJob): Promise<void> {
  await tx.execute(sql`select ${enqueueCall(job)}`);
}

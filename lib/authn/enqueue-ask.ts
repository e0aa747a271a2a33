import "server-only";
import type { Context } from "@/lib/platform/context";
import { enqueueJob } from "@/lib/platform/jobs-store";
import { inStatement, inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { listForgottenAsks } from "./ask-store";

/** An ask that waits for longer than this has no worker any more. */
const waitingSecondsMax = 60;

/** Puts the job that answers an ask into the queue; it carries ids only. */
export async function enqueueAsk(tx: Tx, ctx: Context, askId: string): Promise<void> {
  const payload = { askId, requestId: ctx.requestId };
  await enqueueJob(tx, { task: "answer-ask", payload, key: `answer-ask/${askId}` });
}

/**
 * Gives the asks that a dead worker left behind a new job. Each is still taken up once.
 * @returns how many.
 */
export async function sweepAsks(ctx: Context): Promise<number> {
  await requirePermission(ctx, "system:work");
  const forgotten = await inStatement((tx) => listForgottenAsks(tx, waitingSecondsMax));
  for (const askId of forgotten) await inTransaction((tx) => enqueueAsk(tx, ctx, askId));
  return forgotten.length;
}

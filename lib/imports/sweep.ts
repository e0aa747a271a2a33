import "server-only";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { deleteLines, discardLeft, listLeftovers, stripJob } from "./job-store";
import { enqueueNext, freeLost } from "./run";

/** Of so many batches of rows the rest waits for the next sweep. */
const batchesMax = 200;

/**
 * Goes on with imports whose process is gone, discards those that nobody went on with, and forgets what they held: lines and files at
 * the end, refused lines, names and what was asked for a week later.
 * @throws {Denied} for anybody but the system.
 */
export async function sweepImports(ctx: Context): Promise<void> {
  await requirePermission(ctx, "system:work");
  await inTransaction(async (tx) => {
    await freeLost(tx, ctx);
    await discardLeft(tx);
    await enqueueNext(tx);
  });
  let batches = 0;
  for (const { id, all } of await inTransaction(listLeftovers)) {
    while (batches < batchesMax && (await inTransaction((tx) => deleteLines(tx, id)))) batches += 1;
    if (all && batches < batchesMax) await inTransaction((tx) => stripJob(tx, id));
  }
}

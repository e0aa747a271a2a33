import "server-only";
import { toEventRow } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { getLog } from "@/lib/platform/log";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { queuedSecondsMax, sendingSecondsMax } from "./model";
import { enqueueDelivery } from "./queue";
import { changeState, listForgotten, listInterrupted } from "./store";

/**
 * Finds what a dead worker left behind. A delivery in *sending* for over `sendingSecondsMax` was interrupted between the
 * provider and us: it becomes *unknown* and is never sent again. One that was due `queuedSecondsMax` ago and has no job, or
 * one that a dead worker still holds locked, gets a new job under the same key: the dead one's job then does nothing more.
 * Safe to run anywhere at any time: each change is conditional on the state it found.
 *
 * @returns how many of each.
 * @throws the database's errors. Audit: `delivery.unknown`, reason `interrupted`.
 */
export async function sweepDeliveries(ctx: Context): Promise<{ interrupted: number; requeued: number }> {
  await requirePermission(ctx, "system:work");
  const interrupted = await inStatement((tx) => listInterrupted(tx, sendingSecondsMax));
  for (const id of interrupted) {
    const event = toEventRow(ctx, {
      kind: "delivery.unknown",
      outcome: "fault",
      reason: "interrupted",
      target: { kind: "delivery", id },
    });
    const change = { to: "unknown", from: ["sending"], failure: "interrupted" } as const;
    await inStatement((tx) => changeState(tx, id, change, event));
  }
  const forgotten = await inStatement((tx) => listForgotten(tx, queuedSecondsMax));
  for (const id of forgotten) await inTransaction((tx) => enqueueDelivery(tx, ctx, id));
  const found = { interrupted: interrupted.length, requeued: forgotten.length };
  if (found.interrupted + found.requeued > 0) getLog().warn(found, "deliveries of a dead worker found");
  return found;
}

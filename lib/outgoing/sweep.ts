import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { forgetPrevious } from "./endpoint-store";
import { deleteOld, listOverdue, wakeEndpoint } from "./message-store";
import { keptSeconds, sendsAtOnceMax } from "./model";

/** How long after its time a message is taken for forgotten. */
const overdueSeconds = 30;
const batch = 1000;
const batchesMax = 50;

/**
 * Finds the messages that a dead worker left behind and has them sent, forgets the secrets whose overlap is over, and deletes what is older
 * than `keptSeconds`, in batches.
 * @throws {Denied} for anybody but the worker; the database's errors.
 */
export async function sweepOutgoing(ctx: Context): Promise<void> {
  await requirePermission(ctx, "system:work");
  for (const endpointId of await inStatement((tx) => listOverdue(tx, overdueSeconds)))
    await inTransaction((tx) => wakeEndpoint(tx, endpointId, sendsAtOnceMax));
  await inStatement(forgetPrevious);
  for (let n = 0; n < batchesMax; n += 1)
    if ((await inStatement((tx) => deleteOld(tx, keptSeconds, batch))) < batch) return;
}

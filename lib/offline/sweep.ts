import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { deleteOldReceipts } from "./receipt-store";

/** How long receipts are kept after they were handed in; what they brought stays in the log. */
const receiptsKeptDays = 365;

/**
 * Forgets receipts that were handed in a year ago, but for the last one of each machine, by which its next is judged: the chain goes on,
 * and a number that was deleted can't be handed in again unnoticed.
 * @returns how many, 10,000 at most; the next sweep goes on.
 * @throws {Denied} without `system:work`.
 */
export async function sweepReceipts(ctx: Context): Promise<number> {
  await requirePermission(ctx, "system:work");
  return inStatement((tx) => deleteOldReceipts(tx, receiptsKeptDays));
}

import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type CodeReach, listReach } from "./reach-store";

/**
 * Tells where the codes of a user may still work without a network, machine by machine, whatever became of them online.
 *
 * @returns the codes that machines may hold, live ones and those that ended, until a day after their offline hour; the newest
 *   first, 20 at most. Of each every machine that may hold its slot: reached, and when; or that it may still work there, and
 *   until when.
 * @throws {Denied} without `machine:read`. Reads only: no event.
 * @see offline, "Receipts and what a revocation reaches"
 */
export async function readUserReach(ctx: Context, input: { userId: string }): Promise<CodeReach[]> {
  await requirePermission(ctx, "machine:read", { userId: input.userId });
  return inStatement((tx) => listReach(tx, input.userId));
}

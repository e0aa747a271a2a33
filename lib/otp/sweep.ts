import "server-only";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { challengeKeptSeconds } from "./model";
import { deleteOldChallenges } from "./store";

const batch = 1000;

/**
 * Deletes challenges whose time was over a day ago: nothing judges or counts by them any more. The grants that allowed them,
 * the deliveries that carried them and the audit log stay.
 * @returns how many.
 * @throws {Denied} for anybody but the system.
 */
export async function sweepChallenges(ctx: Context): Promise<number> {
  await requirePermission(ctx, "system:work");
  for (let total = 0; ; ) {
    const deleted = await inTransaction((tx) => deleteOldChallenges(tx, challengeKeptSeconds, batch));
    total += deleted;
    if (deleted < batch) return total;
  }
}

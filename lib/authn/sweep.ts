import "server-only";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { attemptKeptSeconds } from "./model";
import { deleteOldAttempts } from "./outcome-store";

const batch = 1000;

/**
 * Deletes attempts whose time was over a day ago, with the name that was typed in them. The audit log stays.
 * @returns how many.
 * @throws {Denied} for anybody but the system.
 */
export async function sweepAttempts(ctx: Context): Promise<number> {
  await requirePermission(ctx, "system:work");
  for (let total = 0; ; ) {
    const deleted = await inTransaction((tx) => deleteOldAttempts(tx, attemptKeptSeconds, batch));
    total += deleted;
    if (deleted < batch) return total;
  }
}

import "server-only";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { closeExpired } from "./close";
import { deleteOldThrottles } from "./code-store";
import { lockOverdue } from "./store";

const batchSize = 100;

/**
 * Closes the grants that are past their time, so that the log says when each ended, and forgets yesterday's wrong tries.
 * Nothing depends on it being punctual: every judge looks at the clock itself. Several instances may sweep at once; each
 * grant is closed by one.
 *
 * @returns How many were closed.
 * @throws {Denied} for anybody but the system.
 * @see audit `grant.expired`, one for each
 */
export async function expireGrants(ctx: Context): Promise<number> {
  await requirePermission(ctx, "system:work");
  await inTransaction(deleteOldThrottles);
  for (let closed = 0; ; ) {
    const batch = await inTransaction(async (tx) => {
      const overdue = await lockOverdue(tx, batchSize);
      for (const grant of overdue) await closeExpired(tx, ctx, grant);
      return overdue.length;
    });
    closed += batch;
    if (batch < batchSize) return closed;
  }
}

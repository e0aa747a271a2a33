import "server-only";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import { closeExpired, closeTriedOut } from "./close";
import { deleteOldThrottles, lockTriedOut } from "./code-store";
import { lockOverdue } from "./store";

const batchSize = 100;

/**
 * Closes the grants that are past their time, so that the log says when each ended, and those whose short code nobody can use any
 * more, for its tries were taken by processes that ended before they judged; and forgets yesterday's wrong tries.
 * Nothing depends on it being punctual: every judge looks at the clock itself. Several instances may sweep at once; each
 * grant is closed by one.
 *
 * @returns How many were past their time.
 * @throws {Denied} for anybody but the system.
 * @see audit `grant.expired`, one for each; `grant.revoked`, `code.throttled`
 */
export async function expireGrants(ctx: Context): Promise<number> {
  await requirePermission(ctx, "system:work");
  await inTransaction(deleteOldThrottles);
  await inTransaction(async (tx) => {
    const { policy } = await getPolicy(tx);
    for (const grant of await lockTriedOut(tx, policy.tries.shortMax, batchSize))
      await closeTriedOut(tx, ctx, grant);
  });
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

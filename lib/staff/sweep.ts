import "server-only";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "./require-permission";
import { deleteOldSessions } from "./session-store";
import { deleteOldTokens } from "./token-store";

/** Deletes one-time tokens a day, and sessions 90 days, after their end. For a job that runs now and then. */
export async function sweepStaff(ctx: Context): Promise<void> {
  await requirePermission(ctx, "system:work");
  await inTransaction(async (tx) => {
    await deleteOldTokens(tx);
    await deleteOldSessions(tx);
  });
}

import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { deleteOldAssertions } from "./assertion-store";

/** Forgets the assertions that are over. */
export async function sweepClients(ctx: Context): Promise<void> {
  await requirePermission(ctx, "system:work");
  await inStatement(deleteOldAssertions);
}

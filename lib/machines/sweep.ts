import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { deleteOldTokens } from "./enrolment-store";
import { deleteOldHolds } from "./package-store";
import { deleteOldRequests } from "./request-store";

/** Forgets the ids of requests that are over, old enrolment tokens, and what stood in packages that ended months ago. */
export async function sweepMachines(ctx: Context): Promise<void> {
  await requirePermission(ctx, "system:work");
  await inStatement(deleteOldRequests);
  await inStatement(deleteOldTokens);
  await inStatement(deleteOldHolds);
}

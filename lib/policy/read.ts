import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type NumberedPolicy, readPolicy } from "./store";

/**
 * Answers the policy in force, fresh, for whoever wants to see or change it.
 * @throws {Denied} without `policy:read`.
 */
export async function readCurrentPolicy(ctx: Context): Promise<NumberedPolicy> {
  await requirePermission(ctx, "policy:read");
  return inStatement(readPolicy);
}

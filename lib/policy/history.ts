import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type PolicyChange, selectChanges } from "./store";

const changesMax = 20;

/**
 * Lists who put which version of the policy in force, when, and what it changed; the newest first, 20 at most.
 * @throws {Denied} without `policy:read`.
 */
export async function listPolicyChanges(ctx: Context): Promise<PolicyChange[]> {
  await requirePermission(ctx, "policy:read");
  return inStatement((tx) => selectChanges(tx, changesMax));
}

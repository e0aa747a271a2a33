import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type CodeReach, findReach, listReach } from "./reach-store";

/**
 * Tells where a code may still work without a network, machine by machine, whatever became of it online.
 *
 * @returns each machine that may hold the code's slot: reached, and when; or that it may still work there, and until when.
 *   Refuses `code_not_found`: no standard access code has this grant.
 * @throws {Denied} without `machine:read`. Reads only: no event.
 * @see offline, "Receipts and what a revocation reaches"
 */
export async function readReach(
  ctx: Context,
  input: { grantId: string },
): Promise<Success<{ code: CodeReach }> | Refusal<"code_not_found">> {
  await requirePermission(ctx, "machine:read", { grantId: input.grantId });
  const code = await inStatement((tx) => findReach(tx, input.grantId));
  return code === undefined ? refuse("code_not_found") : { ok: true, code };
}

/**
 * Lists the codes of a user that machines may hold, live ones and those that ended, until a day after their offline hour; the
 * newest first, 20 at most.
 * @throws {Denied} without `machine:read`. Reads only: no event.
 */
export async function readUserReach(ctx: Context, input: { userId: string }): Promise<CodeReach[]> {
  await requirePermission(ctx, "machine:read", { userId: input.userId });
  return inStatement((tx) => listReach(tx, input.userId));
}

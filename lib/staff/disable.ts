import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { isSelf } from "./model";
import { refuseRecorded, refuseStale } from "./refusal";
import { requirePermission } from "./require-permission";
import { endSessionsOf } from "./session-store";
import { lockOwners, lockStaff, setDisabled } from "./store";
import { endTokens } from "./token-store";

/**
 * Disables a staff member: their sessions and links end with this very transaction, their next request is nobody's.
 * Refusals: `step_up_needed`, `not_found`, `yourself`, `last_owner`. Throws Denied without `staff:manage`.
 * Audit: `staff.disabled` with how many sessions ended.
 */
export async function disableStaff(
  ctx: Context,
  { staffId }: { staffId: string },
): Promise<
  Success<{ sessions: number }> | Refusal<"step_up_needed" | "not_found" | "yourself" | "last_owner">
> {
  await requirePermission(ctx, "staff:manage");
  const stale = await refuseStale(ctx, "staff.disabled", staffId);
  if (stale !== undefined) return stale;
  return inTransaction(async (tx) => {
    const owners = await lockOwners(tx);
    const staff = await lockStaff(tx, staffId);
    if (staff === undefined) return refuseRecorded(tx, ctx, "staff.disabled", "not_found", staffId);
    if (isSelf(ctx.actor, staffId)) return refuseRecorded(tx, ctx, "staff.disabled", "yourself", staffId);
    if (owners.length === 1 && owners[0] === staffId)
      return refuseRecorded(tx, ctx, "staff.disabled", "last_owner", staffId);
    if (staff.disabledAt !== null) return { ok: true, sessions: 0 };
    await setDisabled(tx, staffId, true);
    const sessions = await endSessionsOf(tx, staffId, "disabled");
    await endTokens(tx, staffId);
    await recordEvent(tx, ctx, {
      kind: "staff.disabled",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: { sessions },
    });
    return { ok: true, sessions };
  });
}

/**
 * Lets a disabled staff member sign in again, with the password and factors of before.
 * Refusals: `step_up_needed`, `not_found`. Throws Denied without `staff:manage`. Audit: `staff.enabled`.
 */
export async function enableStaff(
  ctx: Context,
  { staffId }: { staffId: string },
): Promise<Success | Refusal<"step_up_needed" | "not_found">> {
  await requirePermission(ctx, "staff:manage");
  const stale = await refuseStale(ctx, "staff.enabled", staffId);
  if (stale !== undefined) return stale;
  return inTransaction(async (tx) => {
    const staff = await lockStaff(tx, staffId);
    if (staff === undefined) return refuseRecorded(tx, ctx, "staff.enabled", "not_found", staffId);
    if (staff.disabledAt === null) return { ok: true };
    await setDisabled(tx, staffId, false);
    await recordEvent(tx, ctx, {
      kind: "staff.enabled",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
    });
    return { ok: true };
  });
}

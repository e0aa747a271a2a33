import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { deleteFactors, setTotpFailures } from "./factor-store";
import { type Link, makeLink } from "./link";
import { isSelf } from "./model";
import { refuseRecorded, refuseStale } from "./refusal";
import { requirePermission } from "./require-permission";
import { endSessionsOf } from "./session-store";
import { lockStaff, setFailures, updateStaff } from "./store";

/** Why helping a staff member back in is refused. */
export type RecoverRefusal = Refusal<"step_up_needed" | "not_found" | "yourself" | "disabled">;

/**
 * Lifts the locks of a staff member after wrong passwords or wrong codes.
 * Refusals: `step_up_needed`, `not_found`. Throws Denied without `staff:manage`. Audit: `staff.unlocked`.
 */
export async function unlockStaff(
  ctx: Context,
  { staffId }: { staffId: string },
): Promise<Success | Refusal<"step_up_needed" | "not_found">> {
  await requirePermission(ctx, "staff:manage");
  const stale = await refuseStale(ctx, "staff.unlocked", staffId);
  if (stale !== undefined) return stale;
  return inTransaction(async (tx) => {
    if ((await lockStaff(tx, staffId)) === undefined)
      return refuseRecorded(tx, ctx, "staff.unlocked", "not_found", staffId);
    await setFailures(tx, staffId, 0, 0);
    await setTotpFailures(tx, staffId, 0, 0);
    await recordEvent(tx, ctx, {
      kind: "staff.unlocked",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
    });
    return { ok: true };
  });
}

/**
 * Ends a staff member's password and sessions, and makes a one-time link, good for an hour, by which they set a new one.
 * The second factor stays and is asked for after it. One's own password is changed under one's account instead.
 * Refusals: `step_up_needed`, `not_found`, `yourself`, `disabled`. Throws Denied without `staff:manage`. Audit: `staff.password-reset`.
 */
export async function resetPassword(
  ctx: Context,
  { staffId }: { staffId: string },
): Promise<Success<{ link: Link }> | RecoverRefusal> {
  await requirePermission(ctx, "staff:manage");
  const stale = await refuseStale(ctx, "staff.password-reset", staffId);
  if (stale !== undefined) return stale;
  return inTransaction(async (tx) => {
    const staff = await lockStaff(tx, staffId);
    if (staff === undefined) return refuseRecorded(tx, ctx, "staff.password-reset", "not_found", staffId);
    if (isSelf(ctx.actor, staffId))
      return refuseRecorded(tx, ctx, "staff.password-reset", "yourself", staffId);
    if (staff.disabledAt !== null)
      return refuseRecorded(tx, ctx, "staff.password-reset", "disabled", staffId);
    await updateStaff(tx, staffId, { passwordHash: null });
    const sessions = await endSessionsOf(tx, staffId, "password");
    await recordEvent(tx, ctx, {
      kind: "staff.password-reset",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: { sessions },
    });
    return { ok: true, link: await makeLink(tx, "password_reset", staffId) };
  });
}

/**
 * Removes every second factor of a staff member who lost it, and ends their password and sessions: the one-time link, good
 * for an hour, is the only way back, and leads to a new password and a new second factor. So a password that leaked
 * does not enrol somebody else's.
 * Refusals: `step_up_needed`, `not_found`, `yourself`, `disabled`. Throws Denied without `staff:manage`. Audit: `staff.factor-reset`.
 */
export async function resetSecondFactor(
  ctx: Context,
  { staffId }: { staffId: string },
): Promise<Success<{ link: Link }> | RecoverRefusal> {
  await requirePermission(ctx, "staff:manage");
  const stale = await refuseStale(ctx, "staff.factor-reset", staffId);
  if (stale !== undefined) return stale;
  return inTransaction(async (tx) => {
    const staff = await lockStaff(tx, staffId);
    if (staff === undefined) return refuseRecorded(tx, ctx, "staff.factor-reset", "not_found", staffId);
    if (isSelf(ctx.actor, staffId)) return refuseRecorded(tx, ctx, "staff.factor-reset", "yourself", staffId);
    if (staff.disabledAt !== null) return refuseRecorded(tx, ctx, "staff.factor-reset", "disabled", staffId);
    await deleteFactors(tx, staffId);
    await updateStaff(tx, staffId, { passwordHash: null });
    const sessions = await endSessionsOf(tx, staffId, "factor");
    await recordEvent(tx, ctx, {
      kind: "staff.factor-reset",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: { sessions },
    });
    return { ok: true, link: await makeLink(tx, "password_reset", staffId) };
  });
}

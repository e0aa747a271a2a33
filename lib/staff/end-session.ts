import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { refuseRecorded } from "./refusal";
import { requirePermission, requireStaff } from "./require-permission";
import { endSession, endSessionsOf, type SessionEnd } from "./session-store";

async function end(
  ctx: Context,
  staffId: string,
  sessionId: string,
  reason: SessionEnd,
): Promise<Success | Refusal<"not_found">> {
  return inTransaction(async (tx) => {
    if (!(await endSession(tx, sessionId, staffId, reason)))
      return refuseRecorded(tx, ctx, "staff.session-ended", "not_found", staffId);
    await recordEvent(tx, ctx, {
      kind: "staff.session-ended",
      outcome: "ok",
      target: { kind: "session", id: sessionId },
      details: { reason },
    });
    return { ok: true };
  });
}

/**
 * Ends a session of a staff member at once. Refusals: `not_found` (none such, or over).
 * Throws Denied without `staff:manage`. Audit: `staff.session-ended`.
 */
export async function endStaffSession(
  ctx: Context,
  { staffId, sessionId }: { staffId: string; sessionId: string },
): Promise<Success | Refusal<"not_found">> {
  await requirePermission(ctx, "staff:manage");
  return end(ctx, staffId, sessionId, "ended_by_owner");
}

/** Ends one of one's own sessions. Refusals: `not_found`. Audit: `staff.session-ended`. */
export async function endOwnSession(
  ctx: Context,
  { sessionId }: { sessionId: string },
): Promise<Success | Refusal<"not_found">> {
  const { staffId } = await requireStaff(ctx);
  return end(ctx, staffId, sessionId, "ended_by_self");
}

/** Ends all of one's own sessions but the one that asks (ASVS 7.4.4). Audit: `staff.session-ended`. */
export async function endOtherSessions(ctx: Context): Promise<Success<{ sessions: number }>> {
  const { staffId, sessionId } = await requireStaff(ctx);
  return inTransaction(async (tx) => {
    const sessions = await endSessionsOf(tx, staffId, "ended_by_self", sessionId);
    await recordEvent(tx, ctx, {
      kind: "staff.session-ended",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: { reason: "ended_by_self", sessions },
    });
    return { ok: true, sessions };
  });
}

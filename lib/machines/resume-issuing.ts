import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { type Context, nameActor } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { refuseStale } from "@/lib/staff/refusal";
import { requirePermission } from "@/lib/staff/require-permission";
import { markFutureSeen } from "./alarm-store";
import { clearStop, lockStop, readStop } from "./issuing-store";

/**
 * Tells since when issuing is stopped, for the banner that all staff see.
 * @returns null where issuing goes on.
 * @throws {Denied} without `user:read`. Reads only: no event.
 */
export async function findIssuingStop(ctx: Context): Promise<Date | null> {
  await requirePermission(ctx, "user:read");
  return (await inStatement(readStop)).stoppedAt;
}

/** What became of letting issuing go on, and how many alarms count as seen by it. */
export type ResumeIssuingResult = Success<{ alarms: number }> | Refusal<"step_up_needed" | "not_stopped">;

/**
 * Lets issuing go on that a machine from the future stopped: an owner says that they have looked at the server, so the alarms
 * that stopped it count as seen, and further machines of before the restore stop nothing. Of two owners at once one resumes it,
 * the other is told `not_stopped`.
 *
 * Refusals: `step_up_needed` (the second factor was shown over 15 minutes ago), `not_stopped`.
 *
 * @throws {Denied} without `server:manage`, which owners and the operator alone have.
 * Records `server.issuing-resumed`, with since when it was stopped and why.
 * @see access-code, "After a restore from backup"; limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function resumeIssuing(ctx: Context): Promise<ResumeIssuingResult> {
  await requirePermission(ctx, "server:manage");
  const kind = "server.issuing-resumed";
  const stale = await refuseStale(ctx, kind);
  if (stale !== undefined) return stale;
  return inTransaction(async (tx) => {
    const { stoppedAt, reason } = await lockStop(tx);
    if (stoppedAt === null) return recordRefusal(tx, ctx, { kind }, refuse("not_stopped"));
    await clearStop(tx);
    const alarms = await markFutureSeen(tx, nameActor(ctx.actor));
    const details = { stoppedAt: stoppedAt.toISOString(), because: reason, alarms };
    await recordEvent(tx, ctx, { kind, outcome: "ok", details });
    return { ok: true, alarms };
  });
}

import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { markFutureSeen, markResumed } from "./alarm-store";
import { actorId } from "./create-enrolment-token";

/**
 * Lets issuing go on that a machine from the future stopped: an owner has looked. The alarms that stopped it count as seen.
 * Refuses `not_stopped`.
 * @throws {Denied} without `server:manage`.
 * @see audit `server.issuing-resumed`; access-code, "After a restore from backup"
 */
export async function resumeIssuing(
  ctx: Context,
): Promise<Success<{ alarms: number }> | Refusal<"not_stopped">> {
  await requirePermission(ctx, "server:manage");
  return inTransaction(async (tx) => {
    const resumed = await markResumed(tx);
    const kind = "server.issuing-resumed";
    if (!resumed) {
      await recordEvent(tx, ctx, { kind, outcome: "refused", reason: "not_stopped" });
      return refuse("not_stopped");
    }
    const alarms = await markFutureSeen(tx, actorId(ctx.actor));
    await recordEvent(tx, ctx, { kind, outcome: "ok", details: { alarms } });
    return { ok: true, alarms };
  });
}

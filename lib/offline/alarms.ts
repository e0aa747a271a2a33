import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { type Context, nameActor } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { hasPermission } from "@/lib/staff/permission";
import { requirePermission } from "@/lib/staff/require-permission";
import { type Alarm, findAlarm, selectAlarms, updateSeen } from "./alarms-store";
import type { ListAlarmsInput, SeeAlarmInput } from "./input";

/** So many are listed. */
const alarmsMax = 50;

/**
 * Lists what about machines is not as it can be: those that nobody has looked at, or all; the newest first, 50 at most.
 * @throws {Denied} without `machine:read`. Reads only: no event.
 */
export async function listAlarms(
  ctx: Context,
  { seen = false, machineId }: ListAlarmsInput = {},
): Promise<Alarm[]> {
  await requirePermission(ctx, "machine:read");
  return inStatement((tx) => selectAlarms(tx, { seen, machineId, limit: alarmsMax }));
}

/**
 * Notes that somebody has looked at an alarm; the same one is raised anew when it happens again.
 * @returns Refuses `alarm_not_found`; `already_seen`; `owner_needed` (`from_the_future` says that the server may be an older copy of
 *   itself: an owner decides).
 * @throws {Denied} without `machine:manage`.
 * @see audit `machine.alarm-seen`
 */
export async function seeAlarm(
  ctx: Context,
  input: SeeAlarmInput,
): Promise<Success | Refusal<"alarm_not_found" | "already_seen" | "owner_needed">> {
  await requirePermission(ctx, "machine:manage");
  return inTransaction(async (tx) => {
    const alarm = await findAlarm(tx, input.alarmId);
    const refusal =
      alarm === undefined
        ? "alarm_not_found"
        : alarm.kind === "from_the_future" && !hasPermission(ctx.actor, "server:manage")
          ? "owner_needed"
          : (await updateSeen(tx, alarm.id, nameActor(ctx.actor)))
            ? null
            : "already_seen";
    await recordEvent(tx, ctx, {
      kind: "machine.alarm-seen",
      outcome: refusal === null ? "ok" : "refused",
      ...(refusal === null ? {} : { reason: refusal }),
      ...(alarm === undefined ? {} : { target: { kind: "machine", id: alarm.machineId } }),
      details: { alarm: input.alarmId, kind: alarm?.kind ?? null },
    });
    return refusal === null ? { ok: true } : refuse(refusal);
  });
}

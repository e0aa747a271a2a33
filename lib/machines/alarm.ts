import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import { type AlarmDetails, type AlarmKind, hasLooked, insertAlarm } from "./alarm-store";
import { markStopped } from "./issuing-store";
import { isLater, type PackageNumber } from "./model";

/**
 * Raises an alarm about a machine: it stands until somebody has looked. The same one (kind and details) isn't raised again
 * while it stands, nor an eleventh of a kind.
 * @param alarm.details no name, no secret.
 * @returns whether it is new. Audit `machine.alarm-raised`.
 * @see offline, "Receipts": a gap, a fork, an impossible time, a proof that does not hold
 */
export async function raiseAlarm(
  tx: Tx,
  ctx: Context,
  alarm: { machineId: string; kind: AlarmKind; details?: AlarmDetails; grantId?: string },
): Promise<boolean> {
  const { machineId, kind, details = {}, ...about } = alarm;
  const id = await insertAlarm(tx, machineId, kind, details);
  if (id === undefined) return false;
  await recordEvent(tx, ctx, {
    kind: "machine.alarm-raised",
    outcome: "refused",
    reason: kind,
    target: { kind: "machine", id: machineId },
    details: { ...details, alarm: id },
    ...about,
  });
  return true;
}

/**
 * Judges what a machine says of its own package or of one that a receipt was made by: where that is later than any that we made
 * for it, we are the ones who forgot. Raises the alarm `from_the_future` and stops issuing until an owner has looked.
 *
 * After a restore that was declared (a new generation) every machine that synced since the backup says so once: when an
 * owner has looked at the first, the others of earlier generations raise the alarm and stop nothing any more.
 *
 * @param known the last package made for it. @param generation ours now.
 * @returns whether it is from the future. Audit `machine.alarm-raised`, `server.issuing-stopped`.
 * @see access-code, "After a restore from backup"
 */
export async function judgeFuture(
  tx: Tx,
  ctx: Context,
  machineId: string,
  claimed: PackageNumber,
  known: PackageNumber,
  generation: number,
): Promise<boolean> {
  if (!isLater(claimed, known)) return false;
  const details = { generation: claimed.generation, serial: claimed.serial, ourGeneration: generation };
  const isExplained = claimed.generation < generation && (await hasLooked(tx, generation));
  await raiseAlarm(tx, ctx, { machineId, kind: "from_the_future", details });
  if (!isExplained) await stopIssuing(tx, ctx, "from_the_future", machineId);
  return true;
}

/** Stops issuing until an owner has looked, unless it is stopped already. Audit `server.issuing-stopped`. */
export async function stopIssuing(tx: Tx, ctx: Context, reason: AlarmKind, machineId: string): Promise<void> {
  if (!(await markStopped(tx, reason))) return;
  await recordEvent(tx, ctx, {
    kind: "server.issuing-stopped",
    outcome: "ok",
    reason,
    target: { kind: "machine", id: machineId },
  });
}

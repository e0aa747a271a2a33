import "server-only";
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { machine, machineAlarm } from "@/db/schema/machines";
import type { AlarmDetails, AlarmKind } from "@/lib/machines/alarm-store";
import type { Tx } from "@/lib/platform/transaction";

/** An alarm as staff see it. */
export interface Alarm {
  readonly id: string;
  readonly machineId: string;
  readonly machineName: string;
  readonly kind: AlarmKind;
  readonly details: AlarmDetails;
  readonly raisedAt: Date;
  /** null: nobody has looked. */
  readonly seenAt: Date | null;
  readonly seenBy: string | null;
}

const columns = {
  id: machineAlarm.id,
  machineId: machineAlarm.machineId,
  machineName: machine.name,
  kind: machineAlarm.kind,
  details: machineAlarm.details,
  raisedAt: machineAlarm.raisedAt,
  seenAt: machineAlarm.seenAt,
  seenBy: machineAlarm.seenBy,
};

/** Lists alarms, the newest first. */
export async function selectAlarms(
  tx: Tx,
  filter: { seen: boolean; machineId?: string | undefined; limit: number },
): Promise<Alarm[]> {
  return tx
    .select(columns)
    .from(machineAlarm)
    .innerJoin(machine, eq(machine.id, machineAlarm.machineId))
    .where(
      and(
        filter.seen ? undefined : isNull(machineAlarm.seenAt),
        filter.machineId === undefined ? undefined : eq(machineAlarm.machineId, filter.machineId),
      ),
    )
    .orderBy(desc(machineAlarm.raisedAt), machineAlarm.id)
    .limit(filter.limit);
}

/** Finds one alarm. */
export async function findAlarm(tx: Tx, alarmId: string): Promise<Alarm | undefined> {
  const [row] = await tx
    .select(columns)
    .from(machineAlarm)
    .innerJoin(machine, eq(machine.id, machineAlarm.machineId))
    .where(eq(machineAlarm.id, alarmId));
  return row;
}

/** Marks an alarm as looked at. @returns whether nobody had before. */
export async function updateSeen(tx: Tx, alarmId: string, by: string): Promise<boolean> {
  const rows = await tx
    .update(machineAlarm)
    .set({ seenAt: sql`clock_timestamp()`, seenBy: by })
    .where(and(eq(machineAlarm.id, alarmId), isNull(machineAlarm.seenAt)))
    .returning({ id: machineAlarm.id });
  return rows.length > 0;
}

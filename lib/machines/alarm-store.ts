import "server-only";
import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { machineAlarm } from "@/db/schema/machines";
import type { EventDetails } from "@/lib/audit/model";
import type { Tx } from "@/lib/platform/transaction";

/** What about a machine is not as it can be. */
export type AlarmKind = (typeof machineAlarm.$inferSelect)["kind"];

/** What an alarm says besides: no name, no secret. */
export type AlarmDetails = EventDetails;

/** How many alarms of a kind stand unseen for one machine: who signs lie after lie must not bury what others raised. */
const unseenMax = 10;

/** Adds an alarm unless the same stands unseen, or ten of the kind. @returns its id; undefined: it was not added. */
export async function insertAlarm(
  tx: Tx,
  machineId: string,
  kind: AlarmKind,
  details: AlarmDetails,
): Promise<string | undefined> {
  const [row] = await tx.execute<{ id: string }>(sql`
    insert into ${machineAlarm} (machine_id, kind, details)
    select ${machineId}::uuid, ${kind}, ${JSON.stringify(details)}::jsonb where not exists (
      select from ${machineAlarm} a where a.machine_id = ${machineId}::uuid and a.kind = ${kind}
        and a.details = ${JSON.stringify(details)}::jsonb and a.seen_at is null)
      and (select count(*) from ${machineAlarm} a where a.machine_id = ${machineId}::uuid and a.kind = ${kind}
        and a.seen_at is null) < ${unseenMax}::int
    returning id`);
  return row?.id;
}

/** Whether somebody looked at a machine from the future since this generation of ours began. */
export async function hasLooked(tx: Tx, generation: number): Promise<boolean> {
  const rows = await tx
    .select({ id: machineAlarm.id })
    .from(machineAlarm)
    .where(
      and(
        eq(machineAlarm.kind, "from_the_future"),
        isNotNull(machineAlarm.seenAt),
        sql`${machineAlarm.details} ->> 'ourGeneration' = ${String(generation)}`,
      ),
    )
    .limit(1);
  return rows.length > 0;
}

/** Marks every machine from the future as looked at. @returns how many. */
export async function markFutureSeen(tx: Tx, by: string): Promise<number> {
  const rows = await tx
    .update(machineAlarm)
    .set({ seenAt: sql`now()`, seenBy: by })
    .where(and(eq(machineAlarm.kind, "from_the_future"), isNull(machineAlarm.seenAt)))
    .returning({ id: machineAlarm.id });
  return rows.length;
}

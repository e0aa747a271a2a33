import "server-only";
import { and, eq, isNull, sql } from "drizzle-orm";
import { machine, machineUser } from "@/db/schema/machines";
import type { Tx } from "@/lib/platform/transaction";

/** Ends an enrolled machine. @returns whether this call did. */
export async function endMachine(
  tx: Tx,
  machineId: string,
  ending: { as: "released" | "revoked"; by: string; reason: string | null },
): Promise<boolean> {
  const rows = await tx
    .update(machine)
    .set({ endedAt: sql`now()`, endedAs: ending.as, endedBy: ending.by, endReason: ending.reason })
    .where(and(eq(machine.id, machineId), isNull(machine.endedAt)))
    .returning({ id: machine.id });
  return rows.length === 1;
}

/** Whether a machine was released or revoked; it is locked for whoever asks. */
export async function hasEnded(tx: Tx, machineId: string): Promise<boolean> {
  const [row] = await tx
    .select({ endedAt: machine.endedAt })
    .from(machine)
    .where(eq(machine.id, machineId))
    .for("no key update");
  return row !== undefined && row.endedAt !== null;
}

/** Notes that a machine holds nothing any more. @returns how many slots it may have held until now. */
export async function clearHolds(tx: Tx, machineId: string): Promise<number> {
  const rows = await tx.execute(
    sql`update package_slot set gone_at = clock_timestamp() where machine_id = ${machineId}::uuid and gone_at is null returning 1`,
  );
  return rows.length;
}

/** Where somebody is put on a machine from; the first outranks those after it. */
export type AssignSource = (typeof machineUser.$inferSelect)["source"];

/**
 * Puts a user on an enrolled machine. Somebody who was put there by hand stays so.
 * @returns `added`; `there` where they were on it before; undefined where the machine has ended or there is no such user.
 */
export async function insertMachineUser(
  tx: Tx,
  row: { machineId: string; userId: string; source: AssignSource; addedBy: string | null },
): Promise<"added" | "there" | undefined> {
  const { machineId, userId, source, addedBy } = row;
  const [made] = await tx.execute<{ is_new: boolean }>(sql`
    insert into ${machineUser} as mu (machine_id, user_id, source, added_by)
    select m.id, u.id, ${source}, ${addedBy} from machine m, users u
    where m.id = ${machineId}::uuid and m.ended_at is null and u.id = ${userId}::uuid
    on conflict (machine_id, user_id) do update set source = case when excluded.source = 'hand' then 'hand' else mu.source end
    returning xmax = 0 as is_new`);
  return made === undefined ? undefined : made.is_new ? "added" : "there";
}

/** Takes a user off a machine. @returns whether they were on it. */
export async function deleteMachineUser(tx: Tx, machineId: string, userId: string): Promise<boolean> {
  const rows = await tx
    .delete(machineUser)
    .where(and(eq(machineUser.machineId, machineId), eq(machineUser.userId, userId)))
    .returning({ userId: machineUser.userId });
  return rows.length === 1;
}

/** Brings those whom the directory put on a machine to `userIds`; nobody else. @returns who came and who went. */
export async function replaceDirectoryUsers(
  tx: Tx,
  machineId: string,
  userIds: readonly string[],
): Promise<{ added: string[]; removed: string[] }> {
  const wanted = sql`${sql.param([...userIds])}::uuid[]`;
  const removed = await tx.execute<{ id: string }>(sql`
    delete from ${machineUser} where machine_id = ${machineId}::uuid and source = 'directory' and not (user_id = any(${wanted})) returning user_id as id`);
  const added = await tx.execute<{ id: string }>(sql`
    insert into ${machineUser} (machine_id, user_id, source, added_by)
    select ${machineId}::uuid, u.id, 'directory', null from users u where u.id = any(${wanted}) order by u.id
    on conflict do nothing returning user_id as id`);
  return { added: added.map(({ id }) => id), removed: removed.map(({ id }) => id) };
}

import "server-only";
import { and, eq, sql } from "drizzle-orm";
import { machineUser } from "@/db/schema/machines";
import type { Tx } from "@/lib/platform/transaction";

/** Where somebody is put on a machine from; the first outranks those after it. */
export type AssignSource = (typeof machineUser.$inferSelect)["source"];

/**
 * Puts a user on an enrolled machine by hand. Somebody who signed in there is on it by hand from then on.
 * @returns `added`; `there` where they were on it before; undefined where the machine has ended or there is no such user.
 */
export async function insertMachineUser(
  tx: Tx,
  { machineId, userId, addedBy }: { machineId: string; userId: string; addedBy: string },
): Promise<"added" | "there" | undefined> {
  const [made] = await tx.execute<{ is_new: boolean }>(sql`
    insert into ${machineUser} (machine_id, user_id, source, added_by)
    select m.id, u.id, 'hand', ${addedBy} from machine m, users u
    where m.id = ${machineId}::uuid and m.ended_at is null and u.id = ${userId}::uuid
    on conflict (machine_id, user_id) do update set source = excluded.source
    returning machine_user.xmax = 0 as is_new`);
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

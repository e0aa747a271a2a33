import "server-only";
import { sql } from "drizzle-orm";
import { milliseconds } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";

/** Locks a machine, ended or not. */
export async function lockAnyMachine(
  tx: Tx,
  machineId: string,
): Promise<{ name: string; endedAs: "released" | "revoked" | null } | undefined> {
  const [row] = await tx.execute<{ name: string; ended_as: "released" | "revoked" | null }>(
    sql`select name, ended_as from machine where id = ${machineId}::uuid for no key update`,
  );
  return row && { name: row.name, endedAs: row.ended_as };
}

/** Ends a machine as revoked; one that was released keeps its time of ending. */
export async function updateRevoked(tx: Tx, machineId: string, by: string, reason: string): Promise<void> {
  await tx.execute(sql`
    update machine set ended_at = coalesce(ended_at, clock_timestamp()), ended_as = 'revoked', ended_by = ${by}, end_reason = ${reason}
    where id = ${machineId}::uuid`);
}

/** Takes back what a machine said by leaving, or after its release: that it holds nothing. Whoever stole it can say so too. */
export async function disbelieveLeaving(tx: Tx, machineId: string): Promise<void> {
  await tx.execute(sql`
    update package_slot p set gone_at = null from machine m
    where m.id = ${machineId}::uuid and p.machine_id = m.id and p.gone_at >= m.ended_at`);
}

/** Locks those of whom a machine may hold anything open, in the order of their ids, so that two who do so never wait for each other. */
export async function lockHolders(tx: Tx, machineId: string): Promise<void> {
  await tx.execute(sql`
    select from users u where u.id in (
      select s.user_id from package_slot p join slot s on s.id = p.slot_id where p.machine_id = ${machineId}::uuid and p.gone_at is null
    ) order by u.id for no key update`);
}

/** Retires the open slots that a machine may hold, and deletes their seeds. @returns how many. */
export async function retireHeld(tx: Tx, machineId: string): Promise<number> {
  const rows = await tx.execute(sql`
    update slot s set retired_at = clock_timestamp(), seed_cipher = null, seed_key_id = null
    from package_slot p where p.machine_id = ${machineId}::uuid and p.gone_at is null and s.id = p.slot_id
      and s.issued_at is null and s.retired_at is null
    returning 1`);
  return rows.length;
}

/** A grant whose code a machine may hold. */
export interface HeldGrant {
  readonly id: string;
  readonly userId: string;
  readonly displayName: string;
  readonly method: "access_code";
  readonly expiresAt: Date;
}

/** Lists the grants that have not ended and whose code a machine may hold. */
export async function listHeldGrants(tx: Tx, machineId: string): Promise<HeldGrant[]> {
  const rows = await tx.execute<{ id: string; user_id: string; name: string; expires: number }>(sql`
    select g.id, g.user_id, u.display_name as name, ${milliseconds`g.expires_at`} as expires
    from package_slot p join access_code a on a.slot_id = p.slot_id join grants g on g.id = a.grant_id join users u on u.id = g.user_id
    where p.machine_id = ${machineId}::uuid and p.gone_at is null and g.ended_at is null
    order by g.user_id, g.id`);
  return rows.map(({ id, user_id, name, expires }) => ({
    id,
    userId: user_id,
    displayName: name,
    method: "access_code",
    expiresAt: new Date(expires),
  }));
}

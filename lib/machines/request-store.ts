import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "@/lib/platform/transaction";

/** A machine by its id, ended ones too, and the database's clock. */
export interface RequestingMachine extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly public_key: Uint8Array;
  readonly is_ended: boolean;
}

/** The database's clock in seconds, and the machine of an id where there is one. */
export async function findRequesting(
  tx: Tx,
  machineId: string | undefined,
): Promise<{ nowSeconds: number; machine: RequestingMachine | undefined }> {
  const [row] = await tx.execute<{ now: number; id: string | null } & Record<string, unknown>>(sql`
    select extract(epoch from clock_timestamp())::float8 as now, m.id, m.name, m.public_key, m.ended_at is not null as is_ended
    from (select) nothing left join machine m on m.id = ${machineId ?? null}::uuid`);
  const machine = row == null || row.id === null ? undefined : (row as unknown as RequestingMachine);
  return { nowSeconds: row?.now ?? Number.NaN, machine };
}

/**
 * Remembers a request by its `jti`, for as long as it could be good, and that its machine was in contact.
 * @returns whether this call is the first with it: of any number at once, one.
 */
export async function insertRequest(
  tx: Tx,
  request: { machineId: string; jti: string; expSeconds: number; sourceIp: string | null },
): Promise<boolean> {
  const rows = await tx.execute(sql`
    with taken as (
      insert into machine_request (machine_id, jti, expires_at)
      values (${request.machineId}::uuid, ${request.jti}, to_timestamp(${request.expSeconds}::float8) + interval '1 minute')
      on conflict do nothing returning machine_id
    ), seen as (
      update machine m set last_contact_at = now(), last_source_ip = ${request.sourceIp} from taken where m.id = taken.machine_id
    )
    select from taken`);
  return rows.length === 1;
}

/** Deletes the ids of requests that are over by the clock anyway. @returns how many. */
export async function deleteOldRequests(tx: Tx): Promise<number> {
  const rows = await tx.execute(sql`delete from machine_request where expires_at < now() returning 1`);
  return rows.length;
}

import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "@/lib/platform/transaction";
import { rateMinutes } from "./model";

/**
 * Counts one more under `key` unless that would be more than `max` in the last ten minutes; of any number at once, no more.
 * @returns in how many seconds there is room again; 0: it was counted.
 */
export async function countUpTo(tx: Tx, key: string, max: number): Promise<number> {
  const [row] = await tx.execute<{ wait: number }>(sql`
    with minute as (select date_trunc('minute', now()) as at),
    before as (
      select coalesce(sum(count), 0) as count, min(minute_at) as first from robot_count, minute
      where key = ${key} and minute_at > now() - make_interval(mins => ${rateMinutes}) and minute_at < minute.at
    ), counted as (
      insert into robot_count (key, minute_at, count)
      select ${key}, minute.at, 1 from minute, before where before.count < ${max}
      on conflict (key, minute_at) do update set count = robot_count.count + 1
        where robot_count.count + (select before.count from before) < ${max}
      returning 1
    )
    select case when exists (select from counted) then 0 else greatest(1, ceil(extract(epoch from
      coalesce(before.first, minute.at) + make_interval(mins => ${rateMinutes}) - now())))::int end as wait
    from before, minute`);
  return row?.wait ?? 0;
}

/** Marks a proof as used, if its time isn't over. @returns whether this call did: of any number, one. */
export async function spendProof(tx: Tx, nonce: string, expiresAtSeconds: number): Promise<boolean> {
  const rows = await tx.execute(sql`
    insert into spent_proof (nonce, expires_at)
    select ${nonce}, to_timestamp(${expiresAtSeconds}::float8) where to_timestamp(${expiresAtSeconds}::float8) > now()
    on conflict (nonce) do nothing returning 1`);
  return rows.length === 1;
}

/** Deletes what no rate counts any more, and the proofs whose time is over. */
export async function deleteOld(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ deleted: number }>(sql`
    with counts as (
      delete from robot_count where minute_at < now() - make_interval(mins => ${rateMinutes + 1}) returning 1
    ), proofs as (delete from spent_proof where expires_at < now() returning 1)
    select ((select count(*) from counts) + (select count(*) from proofs))::int as deleted`);
  return row?.deleted ?? 0;
}

import "server-only";
import { sql } from "drizzle-orm";
import type { GrantEnd } from "@/lib/grants/model";
import { noticeJob } from "@/lib/grants/store";
import { milliseconds } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";

/** A use without a network that spent a live grant's use. */
export interface OfflineUse extends Record<string, unknown> {
  uses_count: number;
  ended_as: GrantEnd | null;
}

/**
 * Spends a use of a live grant that a machine gave while nobody could ask us: one conditional statement, so that of an online
 * and an offline use at once one spends. What closed meanwhile by the clock alone is as live as it was at the machine.
 */
export async function spendOffline(
  tx: Tx,
  grantId: string,
  at: Date,
  requestId: string,
): Promise<OfflineUse | undefined> {
  const [use] = await tx.execute<OfflineUse>(sql`
    update grants g set uses_count = g.uses_count + 1, last_used_at = greatest(g.last_used_at, least(${at.toISOString()}::timestamptz, clock_timestamp())),
      ended_at = case when g.uses_count + 1 >= g.uses_max then clock_timestamp() end,
      ended_as = case when g.uses_count + 1 >= g.uses_max then 'spent' end
    where g.id = ${grantId}::uuid and g.ended_at is null and (g.uses_max is null or g.uses_count < g.uses_max)
    returning g.uses_count, g.ended_as, ${noticeJob("access_used", sql`g.user_id`, sql`g.method`, requestId)} as told`);
  return use;
}

/** How a grant ended that was used besides. */
export interface LateUse {
  readonly endedAs: GrantEnd;
  readonly endedAt: Date;
  /** Another receipt of a use of the same code, the first that was taken; null: this is the only one. */
  readonly first: { readonly machineId: string; readonly name: string } | null;
}

/** Notes a use that was learned of after the grant's end, and tells the user, by a job; how it ended stays. */
export async function noteLateUse(
  tx: Tx,
  grantId: string,
  at: Date,
  requestId: string,
): Promise<LateUse | undefined> {
  const [row] = await tx.execute<{
    ended_as: GrantEnd;
    ended: number;
    machine_id: string | null;
    machine_name: string;
  }>(sql`
    with noted as (
      update grants g set uses_count = case when g.uses_count < coalesce(g.uses_max, 2147483647) then g.uses_count + 1 else g.uses_count end,
        last_used_at = greatest(g.last_used_at, least(${at.toISOString()}::timestamptz, clock_timestamp()))
      where g.id = ${grantId}::uuid and g.ended_at is not null
      returning g.id, g.ended_as, ${milliseconds`g.ended_at`} as ended,
        ${noticeJob("access_used", sql`g.user_id`, sql`g.method`, requestId)} as told
    )
    select n.ended_as, n.ended, r.machine_id, r.name as machine_name from noted n left join lateral (
      select r.machine_id, m.name from receipt r join machine m on m.id = r.machine_id
      where r.grant_id = n.id and r.outcome = 'yes' order by r.received_at, r.id limit 1
    ) r on true`);
  if (row === undefined) return undefined;
  return {
    endedAs: row.ended_as,
    endedAt: new Date(row.ended),
    first: row.machine_id === null ? null : { machineId: row.machine_id, name: row.machine_name },
  };
}

import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { Fault } from "@/lib/platform/outcome";
import { iso8601, textArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { CodeRule, EventKind, ExportedEvent } from "./model";

/** Which events to export. */
export interface ExportFilter {
  kinds: readonly EventKind[];
  /** Gives each event its number; the first that fits. An event that none fits has none. */
  codes: readonly CodeRule[];
  /** Only those of this number. */
  code?: number | undefined;
  /** Only those about this user. */
  userId?: string | undefined;
  /** Later than this. */
  after?: Date | undefined;
  /** Not later than this. */
  until?: Date | undefined;
  /** Earlier than this: what `findSettled` told. */
  settled?: Date | undefined;
}

const channelOf = sql`coalesce(e.details->>'channel', e.details->>'method', d.channel)`;
const purposeOf = sql`coalesce(e.details->>'purpose', d.purpose)`;

function toCondition(rule: CodeRule): SQL {
  const parts = [sql`e.kind = ${rule.kind}`];
  if (rule.outcome !== undefined) parts.push(sql`e.outcome = ${rule.outcome}`);
  if (rule.reasons !== undefined) parts.push(sql`e.reason = any(${textArray(rule.reasons)})`);
  if (rule.method !== undefined) parts.push(sql`${channelOf} = ${rule.method}`);
  if (rule.purpose !== undefined) parts.push(sql`${purposeOf} = ${rule.purpose}`);
  if (rule.has !== undefined) parts.push(sql`e.details ? ${rule.has}`);
  return sql.join(parts, sql` and `);
}

function toCode(rules: readonly CodeRule[]): SQL {
  const cases = rules.map((rule) => sql`when ${toCondition(rule)} then ${rule.code}::int`);
  return cases.length === 0 ? sql`null::int` : sql`case ${sql.join(cases, sql` `)} end`;
}

function toFrom({ kinds, codes, code, userId, after, until, settled }: ExportFilter): SQL {
  const where = [sql`e.kind = any(${textArray(kinds)})`];
  if (userId !== undefined) where.push(sql`e.user_id = ${userId}::uuid`);
  if (after !== undefined) where.push(sql`e.at > ${after.toISOString()}::timestamptz`);
  if (until !== undefined) where.push(sql`e.at <= ${until.toISOString()}::timestamptz`);
  if (settled !== undefined) where.push(sql`e.at < ${settled.toISOString()}::timestamptz`);
  if (code !== undefined) where.push(sql`${toCode(codes)} = ${code}::int`);
  return sql`
    from audit_event e
      left join delivery d on e.target_kind = 'delivery' and d.id = case when e.target_kind = 'delivery' then e.target_id::uuid end
    where ${sql.join(where, sql` and `)}`;
}

/**
 * Finds before when no event is missing any more: one bears the millisecond in which it was written, and is seen when its transaction
 * is over, so what is told ends with the one before. To be asked in a statement before the one that reads.
 */
export async function findSettled(tx: Tx): Promise<Date> {
  const [row] = await tx.execute<{ ms: number }>(
    sql`select (extract(epoch from sparekey_settled_until()) * 1000)::float8 as ms`,
  );
  if (row === undefined) throw new Fault("the database tells no time");
  return new Date(Math.floor(row.ms));
}

/** How many events there are of these. */
export async function countExported(tx: Tx, filter: ExportFilter): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(sql`select count(*)::int as count ${toFrom(filter)}`);
  return row?.count ?? 0;
}

/** A page of these events by their age: the oldest first, or the newest. Names are those of the time, else of now. */
export async function selectExported(
  tx: Tx,
  filter: ExportFilter,
  page: { order: "oldest" | "newest"; limit: number; offset: number },
): Promise<ExportedEvent[]> {
  const order = page.order === "oldest" ? sql`e.at, e.id` : sql`e.id desc`;
  const rows = await tx.execute<ExportedEvent & Record<string, unknown>>(sql`
    with page as (
      select e.*, ${toCode(filter.codes)} as code, ${channelOf} as channel ${toFrom(filter)}
      order by ${order} limit ${page.limit}::int offset ${page.offset}::bigint
    )
    select e.id::float8 as id, ${iso8601`e.at`} as at, e.kind, e.outcome, e.reason,
      e.code, e.channel as method, e.actor_kind as "actorKind", e.actor_id as "actorId", coalesce(p.actor_label, e.actor_id) as "actorName",
      coalesce(s.role, c.role) as "actorRole", e.user_id as "userId", coalesce(u.email, u.login) as "userName", e.grant_id as "grantId",
      e.target_kind as "targetKind", e.target_id as "targetId", e.request_id as "requestId", e.details, p.source_ip as "sourceIp"
    from page e
      left join audit_personal p on p.event_id = e.id
      left join users u on u.id = e.user_id
      left join staff s on e.actor_kind = 'staff' and s.id::text = e.actor_id
      left join client c on e.actor_kind = 'client' and c.id::text = e.actor_id
    order by ${order}`);
  return [...rows];
}

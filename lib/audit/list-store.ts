import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { iso8601 } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { ListEventsInput } from "./list-input";
import { type LoggedEvent, outcomes } from "./model";

/** The name of what an event of `kind` is about, by its key; an id that somebody made up names nothing. */
const nameOf = (kind: "staff" | "client" | "machine") => sql`(select t.name from ${sql.identifier(kind)} t
  where e.target_kind = ${kind} and t.id = case when e.target_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then e.target_id::uuid end)`;

/**
 * Up to `limit` events, newest first, from `cursor` on downward: by key, so that any depth costs the same.
 * Whom an event is about is named as at the time, else as now; staff, programs and machines as now.
 */
export async function selectEvents(
  tx: Tx,
  { kind, outcome, actorKind, actor, user, grant, since, until, cursor }: ListEventsInput,
  limit: number,
): Promise<LoggedEvent[]> {
  const where: SQL[] = [sql`true`];
  if (kind !== undefined) where.push(sql`e.kind = ${kind}`);
  // Written out, not bound: the planner must see that a partial index serves.
  if (outcome !== undefined && outcomes.includes(outcome))
    where.push(sql.raw(`e.outcome = '${outcome}'${outcome === "ok" ? "" : " and e.outcome <> 'ok'"}`));
  if (actorKind !== undefined) where.push(sql`e.actor_kind = ${actorKind}`);
  if (actor !== undefined) where.push(sql`e.actor_id = ${actor}`);
  if (user !== undefined) where.push(sql`e.user_id = ${user}`);
  if (grant !== undefined) where.push(sql`e.grant_id = ${grant}`);
  if (since !== undefined) where.push(sql`e.at >= ${since.toISOString()}::timestamptz`);
  if (until !== undefined) where.push(sql`e.at < ${until.toISOString()}::timestamptz`);
  if (cursor !== undefined) where.push(sql`e.id < ${cursor}`);
  const rows = await tx.execute<Record<string, unknown> & LoggedEvent>(sql`
    select e.id::float8 as id, ${iso8601`e.at`} as at,
      e.kind, e.outcome, e.reason, e.actor_kind as "actorKind", e.actor_id as "actorId", p.actor_label as "actorLabel",
      e.user_id as "userId", coalesce(p.user_label, u.display_name) as "userLabel", e.grant_id as "grantId",
      e.target_kind as "targetKind", e.target_id as "targetId",
      coalesce(${nameOf("staff")}, ${nameOf("client")}, ${nameOf("machine")}) as "targetLabel", e.request_id as "requestId", e.details,
      p.source_ip as "sourceIp", p.user_agent as "userAgent"
    from audit_event e left join audit_personal p on p.event_id = e.id
      left join users u on u.id = e.user_id
    where ${sql.join(where, sql` and `)}
    order by e.id desc limit ${limit}`);
  return [...rows];
}

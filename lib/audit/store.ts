import "server-only";
import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "@/lib/platform/transaction";

/** A whole row of the log, and its personal side. */
export interface EventRow {
  kind: string;
  outcome: string;
  reason: string | null;
  actorKind: string;
  actorId: string | null;
  userId: string | null;
  grantId: string | null;
  targetKind: string | null;
  targetId: string | null;
  requestId: string;
  details: string;
  actorLabel: string | null;
  userLabel: string | null;
  sourceIp: string | null;
  userAgent: string | null;
}

/** Writes an event and its personal side in one statement. */
export async function insertEvent(tx: Tx, row: EventRow): Promise<void> {
  await tx.execute(sql`
    with event as (
      insert into audit_event (kind, outcome, reason, actor_kind, actor_id, user_id, grant_id, target_kind, target_id, request_id, details)
      values (${row.kind}, ${row.outcome}, ${row.reason}, ${row.actorKind}, ${row.actorId}, ${row.userId}::uuid, ${row.grantId}::uuid,
        ${row.targetKind}, ${row.targetId}, ${row.requestId}, ${row.details}::jsonb)
      returning id
    )
    insert into audit_personal (event_id, actor_label, user_label, source_ip, user_agent)
    select id, ${row.actorLabel}::text, ${row.userLabel}::text, ${row.sourceIp}::text, ${row.userAgent}::text from event`);
}

/**
 * The common table expressions `<name>` and `<name>_personal` that write `row` for each row of `source`: for a statement
 * that does something and logs it at once. `computed` takes columns from `source` in place of `row`; `userLabel` is one
 * value for all of them.
 */
export function eventCtes(
  name: string,
  row: EventRow,
  source: SQL,
  computed: {
    [column in
      | "kind"
      | "outcome"
      | "reason"
      | "userId"
      | "grantId"
      | "targetId"
      | "details"
      | "userLabel"]?: SQL;
  } = {},
): SQL {
  const event = sql.identifier(name);
  return sql`
    ${event} as (
      insert into audit_event (kind, outcome, reason, actor_kind, actor_id, user_id, grant_id, target_kind, target_id, request_id, details)
      select ${computed.kind ?? sql`${row.kind}`}, ${computed.outcome ?? sql`${row.outcome}`}, ${computed.reason ?? sql`${row.reason}`}, ${row.actorKind}, ${row.actorId},
        ${computed.userId ?? sql`${row.userId}::uuid`}, ${computed.grantId ?? sql`${row.grantId}::uuid`},
        ${row.targetKind}, ${computed.targetId ?? sql`${row.targetId}`}, ${row.requestId}, ${computed.details ?? sql`${row.details}::jsonb`}
      from ${source}
      returning id
    ),
    ${sql.identifier(`${name}_personal`)} as (
      insert into audit_personal (event_id, actor_label, user_label, source_ip, user_agent)
      select id, ${row.actorLabel}::text, ${computed.userLabel ?? sql`${row.userLabel}::text`}, ${row.sourceIp}::text, ${row.userAgent}::text from ${event}
    )`;
}

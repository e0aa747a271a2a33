import { sql } from "drizzle-orm";
import { bigint, check, index, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, mark } from "./columns";

/** What happened, once, without a name or an address in it. INSERT and SELECT only. */
export const auditEvent = pgTable(
  "audit_event",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant().notNull().default(sql`clock_timestamp()`),
    /** `<domain>.<what>`, the closed list of `lib/audit/model.ts`. */
    kind: text().notNull(),
    outcome: text({ enum: ["ok", "refused", "denied", "fault"] }).notNull(),
    reason: text(),
    actorKind: text({ enum: ["staff", "client", "machine", "user", "system", "operator"] }).notNull(),
    actorId: text(),
    userId: uuid(),
    grantId: uuid(),
    targetKind: text(),
    targetId: text(),
    requestId: text().notNull(),
    details: jsonb().$type<Record<string, string | number | boolean | null>>().notNull().default({}),
  },
  (t) => [
    // Ascending, and read backwards: a descending index of drizzle's puts nulls last, which `order by id desc` can't use.
    index("audit_event_user").on(t.userId, t.id),
    index("audit_event_kind").on(t.kind, t.id),
    index("audit_event_actor").on(t.actorId, t.id),
    index("audit_event_grant").on(t.grantId, t.id),
    index("audit_event_at").using("brin", t.at),
    index("audit_event_not_ok").on(t.outcome, t.id).where(sql`${t.outcome} <> 'ok'`),
    check("audit_event_outcome", sql`${t.outcome} in ('ok', 'refused', 'denied', 'fault')`),
    check("audit_event_reason", sql`(${t.outcome} = 'ok') or ${t.reason} is not null`),
  ],
);
mark(auditEvent, {
  id: "public",
  at: "public",
  kind: "public",
  outcome: "public",
  reason: "public",
  actorKind: "public",
  actorId: "public",
  userId: "public",
  grantId: "public",
  targetKind: "public",
  targetId: "public",
  requestId: "public",
  details: "public",
});

/** The personal side of an event, apart so that a person can be erased and the log stays whole. */
export const auditPersonal = pgTable("audit_personal", {
  eventId: bigint({ mode: "number" }).primaryKey(),
  actorLabel: text(),
  userLabel: text(),
  sourceIp: text(),
  userAgent: text(),
});
mark(auditPersonal, {
  eventId: "public",
  actorLabel: "personal",
  userLabel: "personal",
  sourceIp: "personal",
  userAgent: "personal",
});

import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { instant, mark } from "./columns";
import { users } from "./directory";

/** The emergency access given to a user: a window, uses, an issuer, a reason, and one end. */
export const grants = pgTable(
  "grants",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "restrict" }),
    method: text({ enum: ["sms", "voice", "access_code"] }).notNull(),
    /** Not rounded up, or a grant would start half a millisecond after it was made. */
    startsAt: instant().notNull().default(sql`date_trunc('milliseconds', now())`),
    expiresAt: instant().notNull(),
    /** null: as often as wanted until the window closes. */
    usesMax: integer(),
    usesCount: integer().notNull().default(0),
    lastUsedAt: instant(),
    issuerKind: text({ enum: ["staff", "client", "user", "system"] }).notNull(),
    issuerId: text(),
    issuerLabel: text(),
    reason: text({ enum: ["lost", "stolen", "forgotten", "broken", "new_device", "other"] }).notNull(),
    reasonNote: text(),
    ticket: text(),
    /** The id that the form or the call carried: the same one never issues twice. */
    formId: text(),
    policyVersion: integer().notNull(),
    generation: integer().notNull(),
    endedAt: instant(),
    endedAs: text({ enum: ["spent", "expired", "revoked", "replaced"] }),
    endedBy: text(),
    endReason: text(),
    replacedById: uuid(),
    /** When staff or a program closed what it had opened, though it had ended by itself: spent. */
    closedAt: instant(),
    /** Of one because of a theft: when somebody of security looked at it. */
    theftSeenAt: instant(),
    theftSeenBy: text(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("grants_one_live").on(t.userId, t.method).where(sql`${t.endedAt} is null`),
    uniqueIndex("grants_form").on(t.issuerKind, t.issuerId, t.formId),
    index("grants_user").on(t.userId, t.createdAt.desc(), t.id),
    index("grants_created").on(t.createdAt.desc(), t.id),
    index("grants_issuer").on(t.issuerId, t.createdAt.desc()),
    // For the sweep alone, which asks by `endedAs`: what asks about one user by `endedAt` would be led to read everybody's live grants.
    index("grants_expiry").on(t.expiresAt).where(sql`${t.endedAs} is null`),
    index("grants_theft")
      .on(t.createdAt.desc())
      .where(sql`${t.reason} = 'stolen' and ${t.theftSeenAt} is null`),
    check("grants_method", sql`${t.method} in ('sms', 'voice', 'access_code')`),
    check(
      "grants_window",
      sql`${t.expiresAt} > ${t.startsAt} and ${t.expiresAt} <= ${t.startsAt} + interval '31 days'`,
    ),
    check(
      "grants_uses",
      sql`${t.usesCount} >= 0 and (${t.usesMax} is null or (${t.usesMax} >= 1 and ${t.usesCount} <= ${t.usesMax}))`,
    ),
    check(
      "grants_theft_seen",
      sql`(${t.theftSeenAt} is null) = (${t.theftSeenBy} is null) and (${t.theftSeenAt} is null or ${t.reason} = 'stolen')`,
    ),
    check("grants_end", sql`(${t.endedAt} is null) = (${t.endedAs} is null)`),
    check("grants_spent", sql`${t.endedAs} is distinct from 'spent' or ${t.usesCount} >= 1`),
    check(
      "grants_used_up",
      sql`${t.usesMax} is null or ${t.usesCount} < ${t.usesMax} or ${t.endedAt} is not null`,
    ),
  ],
);
mark(grants, {
  id: "public",
  userId: "public",
  method: "public",
  startsAt: "public",
  expiresAt: "public",
  usesMax: "public",
  usesCount: "public",
  lastUsedAt: "public",
  issuerKind: "public",
  issuerId: "public",
  issuerLabel: "personal",
  reason: "public",
  reasonNote: "personal",
  ticket: "public",
  formId: "public",
  policyVersion: "public",
  generation: "public",
  endedAt: "public",
  endedAs: "public",
  endedBy: "public",
  endReason: "public",
  replacedById: "public",
  closedAt: "public",
  theftSeenAt: "public",
  theftSeenBy: "public",
  createdAt: "public",
});

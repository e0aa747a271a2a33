import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  date,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, mark } from "./columns";
import { users } from "./directory";

/** One text or call, and what became of it. */
export const delivery = pgTable(
  "delivery",
  {
    id: uuid().primaryKey().defaultRandom(),
    purpose: text({ enum: ["otp", "notice"] }).notNull(),
    channel: text({ enum: ["sms", "voice"] }).notNull(),
    userId: uuid().references(() => users.id, { onDelete: "set null" }),
    /** Of an OTP: the grant that allowed it. */
    grantId: uuid(),
    /** Of an OTP: the challenge whose digits it carries. */
    challengeId: uuid(),
    /** Of a notice: which of the catalogue's texts. */
    noticeKind: text(),
    toE164: text().notNull(),
    country: text(),
    language: text().notNull().default("en"),
    /**
     * queued: waits for the worker. sending: handed to the provider, no answer yet. sent: the provider took it.
     * delivered, failed: the provider's last word. unknown: the answer was lost, it may have been sent; never sent again by itself.
     */
    state: text({ enum: ["queued", "sending", "sent", "delivered", "failed", "unknown"] })
      .notNull()
      .default("queued"),
    failure: text(),
    providerRef: text(),
    /** How often it was handed to the provider; all but the last time were certainly not taken. */
    attempts: integer().notNull().default(0),
    createdAt: instant().notNull().defaultNow(),
    /** From then on it counts no more towards how often something is sent: somebody unlocked the user's methods. */
    forgivenAt: instant(),
    /** While queued: not handed over before. */
    dueAt: instant().notNull().defaultNow(),
    sendingAt: instant(),
    sentAt: instant(),
    deliveredAt: instant(),
    endedAt: instant(),
  },
  (t) => [
    uniqueIndex("delivery_provider_ref").on(t.providerRef),
    uniqueIndex("delivery_challenge").on(t.challengeId),
    index("delivery_user").on(t.userId, t.createdAt.desc()),
    index("delivery_grant").on(t.grantId),
    index("delivery_number").on(t.toE164, t.createdAt.desc()),
    index("delivery_created").using("brin", t.createdAt),
    index("delivery_open").on(t.createdAt).where(sql`${t.state} in ('queued', 'sending')`),
    check(
      "delivery_state",
      sql`${t.state} in ('queued', 'sending', 'sent', 'delivered', 'failed', 'unknown')`,
    ),
    check(
      "delivery_purpose",
      sql`(${t.purpose} = 'otp' and ${t.challengeId} is not null and ${t.grantId} is not null) or (${t.purpose} = 'notice' and ${t.noticeKind} is not null)`,
    ),
    check("delivery_failure", sql`${t.state} <> 'failed' or ${t.failure} is not null`),
  ],
);
mark(delivery, {
  id: "public",
  purpose: "public",
  channel: "public",
  userId: "public",
  grantId: "public",
  challengeId: "public",
  noticeKind: "public",
  toE164: "personal",
  country: "public",
  language: "public",
  state: "public",
  failure: "public",
  providerRef: "public",
  attempts: "public",
  createdAt: "public",
  forgivenAt: "public",
  dueAt: "public",
  sendingAt: "public",
  sentAt: "public",
  deliveredAt: "public",
  endedAt: "public",
});

/** What the provider told us about a delivery, once each, in the order of arrival. */
export const deliveryEvent = pgTable(
  "delivery_event",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    deliveryId: uuid()
      .notNull()
      .references(() => delivery.id, { onDelete: "cascade" }),
    /** The webhook token's `jti`: each is taken once. */
    webhookId: text().notNull(),
    status: text().notNull(),
    failure: text(),
    providerAt: instant(),
    receivedAt: instant().notNull().defaultNow(),
    details: jsonb().$type<Record<string, string | number | boolean | null>>().notNull().default({}),
  },
  (t) => [
    uniqueIndex("delivery_event_webhook").on(t.webhookId),
    index("delivery_event_delivery").on(t.deliveryId, t.id),
  ],
);
mark(deliveryEvent, {
  id: "public",
  deliveryId: "public",
  webhookId: "public",
  status: "public",
  failure: "public",
  providerAt: "public",
  receivedAt: "public",
  details: "public",
});

/** What was spent on texts and calls on a UTC day, in the policy's currency. */
export const sendBudget = pgTable(
  "send_budget",
  {
    day: date({ mode: "string" }).primaryKey(),
    spent: numeric({ precision: 12, scale: 4, mode: "number" }).notNull().default(0),
    sends: integer().notNull().default(0),
  },
  (t) => [check("send_budget_spent", sql`${t.spent} >= 0 and ${t.sends} >= 0`)],
);
mark(sendBudget, { day: "public", spent: "public", sends: "public" });

import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { bytes, instant, mark } from "./columns";

/** An address of somebody else's that is told of events, by Standard Webhooks. */
export const webhookEndpoint = pgTable(
  "webhook_endpoint",
  {
    id: uuid().primaryKey().defaultRandom(),
    url: text().notNull(),
    description: text().notNull(),
    /** The closed list of `lib/outgoing/model.ts`. */
    eventTypes: text().array().notNull(),
    /** What messages are signed with, sealed; gone once the endpoint has ended. */
    secretCipher: bytes(),
    secretKeyId: text(),
    /** What they were signed with before, and are besides until then. */
    previousCipher: bytes(),
    previousKeyId: text(),
    previousUntil: instant(),
    createdAt: instant().notNull().defaultNow(),
    createdBy: text(),
    /** While it is disabled its messages are kept, and none is sent. */
    disabledAt: instant(),
    disabledReason: text({ enum: ["staff", "gone", "failing"] }),
    endedAt: instant(),
    /** Since when nothing was taken; null: the last try was. */
    failingSince: instant(),
    lastDeliveredAt: instant(),
  },
  (t) => [
    check("webhook_endpoint_secret", sql`(${t.secretCipher} is null) = (${t.endedAt} is not null)`),
    check("webhook_endpoint_key", sql`(${t.secretCipher} is null) = (${t.secretKeyId} is null)`),
    check(
      "webhook_endpoint_previous",
      sql`(${t.previousCipher} is null) = (${t.previousKeyId} is null) and (${t.previousCipher} is null) = (${t.previousUntil} is null)`,
    ),
    check("webhook_endpoint_disabled", sql`(${t.disabledAt} is null) = (${t.disabledReason} is null)`),
    check("webhook_endpoint_disabled_reason", sql`${t.disabledReason} in ('staff', 'gone', 'failing')`),
    check("webhook_endpoint_types", sql`cardinality(${t.eventTypes}) > 0`),
  ],
);
mark(webhookEndpoint, {
  id: "public",
  url: "public",
  description: "public",
  eventTypes: "public",
  secretCipher: "secret",
  secretKeyId: "public",
  previousCipher: "secret",
  previousKeyId: "public",
  previousUntil: "public",
  createdAt: "public",
  createdBy: "public",
  disabledAt: "public",
  disabledReason: "public",
  endedAt: "public",
  failingSince: "public",
  lastDeliveredAt: "public",
});

/** One event for one endpoint, written by a trigger in the transaction of the event. The id is the `webhook-id`. */
export const webhookMessage = pgTable(
  "webhook_message",
  {
    id: uuid().primaryKey().defaultRandom(),
    endpointId: uuid()
      .notNull()
      .references(() => webhookEndpoint.id),
    /** The event of the log that it tells of. */
    eventId: bigint({ mode: "number" }).notNull(),
    type: text().notNull(),
    /** Of what may come in floods: the same key is told once. */
    onceKey: text(),
    /** The body as it is signed, made when it is first sent. */
    payload: text(),
    state: text({ enum: ["waiting", "delivered", "dead"] })
      .notNull()
      .default("waiting"),
    /** How often it was sent, however it ended; each time has its number. */
    sends: integer().notNull().default(0),
    /** How often in a row it was not taken, since it was made or replayed. */
    failures: integer().notNull().default(0),
    /** While waiting: not sent before. */
    dueAt: instant().notNull().defaultNow(),
    /** Who sends it holds it until then; afterwards they are taken for dead. */
    claimedUntil: instant(),
    createdAt: instant().notNull().defaultNow(),
    endedAt: instant(),
  },
  (t) => [
    uniqueIndex("webhook_message_event").on(t.endpointId, t.eventId),
    uniqueIndex("webhook_message_once").on(t.endpointId, t.onceKey),
    index("webhook_message_due").on(t.endpointId, t.dueAt).where(sql`${t.state} = 'waiting'`),
    index("webhook_message_dead").on(t.endpointId, t.createdAt).where(sql`${t.state} = 'dead'`),
    index("webhook_message_created").on(t.createdAt, t.id),
    index("webhook_message_endpoint").on(t.endpointId, t.createdAt, t.id),
    check("webhook_message_state", sql`${t.state} in ('waiting', 'delivered', 'dead')`),
    check("webhook_message_ended", sql`(${t.state} = 'waiting') = (${t.endedAt} is null)`),
    check("webhook_message_sends", sql`${t.failures} >= 0 and ${t.sends} >= ${t.failures}`),
  ],
);
mark(webhookMessage, {
  id: "public",
  endpointId: "public",
  eventId: "public",
  type: "public",
  onceKey: "public",
  payload: "personal",
  state: "public",
  sends: "public",
  failures: "public",
  dueAt: "public",
  claimedUntil: "public",
  createdAt: "public",
  endedAt: "public",
});

/** One time that a message was sent, and what came back. */
export const webhookAttempt = pgTable(
  "webhook_attempt",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    messageId: uuid()
      .notNull()
      .references(() => webhookMessage.id, { onDelete: "cascade" }),
    number: integer().notNull(),
    at: instant().notNull().defaultNow(),
    /** The status of the answer; null: there was none. */
    status: integer(),
    /** Why there was no answer. */
    failure: text({ enum: ["timeout", "address", "dns", "connection", "tls"] }),
    tookMs: integer().notNull(),
    /** The beginning of what the receiver said. */
    excerpt: text(),
    nextAt: instant(),
  },
  (t) => [
    index("webhook_attempt_message").on(t.messageId, t.id),
    check("webhook_attempt_answer", sql`(${t.status} is null) = (${t.failure} is not null)`),
    check("webhook_attempt_excerpt", sql`length(${t.excerpt}) <= 1024`),
  ],
);
mark(webhookAttempt, {
  id: "public",
  messageId: "public",
  number: "public",
  at: "public",
  status: "public",
  failure: "public",
  tookMs: "public",
  excerpt: "personal",
  nextAt: "public",
});

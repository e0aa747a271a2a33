import { sql } from "drizzle-orm";
import { boolean, check, index, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { bytes, instant, mark } from "./columns";

/** One attempt of somebody to sign in: at `/otp`, or through a relying system. */
export const authnAttempt = pgTable(
  "authn_attempt",
  {
    id: uuid().primaryKey().defaultRandom(),
    door: text({ enum: ["otp_page", "authn_api"] }).notNull(),
    /** The relying system (its `client` row); null at `/otp`. */
    clientId: uuid(),
    /** What the caller calls itself (`clientId` of the message, the application at `/otp`). */
    application: text(),
    /** As it was typed, for the answer to `status`. */
    subjectName: text().notNull(),
    /** HMAC of the folded name: what throttles and limits count, known or not. */
    subjectKey: text().notNull(),
    /** null: nobody of that name, or not eligible; the attempt runs the same course and fails. */
    userId: uuid(),
    /** SHA-256 of the secret that the browser holds in its cookie. */
    browserDigest: bytes(),
    /** The channel that was asked for last. */
    channel: text({ enum: ["sms", "voice"] }),
    channelAskedAt: instant(),
    /** Wrong OTPs since a text or call was asked for last. */
    otpWrongCount: integer().notNull().default(0),
    /** Wrong access codes. */
    codeWrongCount: integer().notNull().default(0),
    /** Our last message id: what the next `inResponseTo` must be. */
    lastMessageId: text(),
    state: text({ enum: ["open", "succeeded", "failed", "cancelled"] })
      .notNull()
      .default("open"),
    method: text({ enum: ["sms", "voice", "access_code"] }),
    grantId: uuid(),
    /** Whether `status` may be asked afterwards. */
    keepAttempt: boolean().notNull().default(false),
    /** JSON, as the caller gave it, for the answer to `status`. */
    sessionAttributes: text().notNull().default("[]"),
    createdAt: instant().notNull().defaultNow(),
    expiresAt: instant().notNull(),
    endedAt: instant(),
    /** `status` answers once. */
    readAt: instant(),
  },
  (t) => [
    index("authn_attempt_expires").on(t.expiresAt),
    check("authn_attempt_state", sql`${t.state} in ('open', 'succeeded', 'failed', 'cancelled')`),
    check("authn_attempt_end", sql`(${t.state} = 'open') = (${t.endedAt} is null)`),
    check(
      "authn_attempt_success",
      sql`${t.state} <> 'succeeded' or (${t.userId} is not null and ${t.grantId} is not null and ${t.method} is not null)`,
    ),
  ],
);
mark(authnAttempt, {
  id: "public",
  door: "public",
  clientId: "public",
  application: "public",
  subjectName: "personal",
  subjectKey: "public",
  userId: "public",
  browserDigest: "secret",
  channel: "public",
  channelAskedAt: "public",
  otpWrongCount: "public",
  codeWrongCount: "public",
  lastMessageId: "public",
  state: "public",
  method: "public",
  grantId: "public",
  keepAttempt: "public",
  sessionAttributes: "personal",
  createdAt: "public",
  expiresAt: "public",
  endedAt: "public",
  readAt: "public",
});

/**
 * Somebody asked for a text or a call, whether or not anything may be sent: known names and unknown ones leave the same row,
 * count by the same limits and cost the same time. A job decides what comes of it.
 */
export const channelAsk = pgTable(
  "channel_ask",
  {
    id: uuid().primaryKey().defaultRandom(),
    attemptId: uuid()
      .notNull()
      .references(() => authnAttempt.id, { onDelete: "cascade" }),
    /** The name's key and, behind it, that of where the ask came from. */
    subjectKey: text().notNull(),
    /** Stands for where it came from; empty: asked for by a version that didn't keep it. */
    sourceKey: text().notNull().default(""),
    channel: text({ enum: ["sms", "voice"] }).notNull(),
    askedAt: instant().notNull().defaultNow(),
    /** From then on it counts no more towards how often may be asked. */
    forgivenAt: instant(),
    /** When the job took it up: each is taken up once. */
    handledAt: instant(),
    /** `sent`, or why nothing was. */
    outcome: text(),
  },
  (t) => [
    index("channel_ask_subject").on(t.subjectKey, t.askedAt.desc()),
    index("channel_ask_attempt").on(t.attemptId),
    index("channel_ask_open").on(t.askedAt).where(sql`${t.handledAt} is null`),
    check("channel_ask_channel", sql`${t.channel} in ('sms', 'voice')`),
    check("channel_ask_handled", sql`(${t.handledAt} is null) = (${t.outcome} is null)`),
  ],
);
mark(channelAsk, {
  id: "public",
  attemptId: "public",
  subjectKey: "public",
  sourceKey: "public",
  channel: "public",
  askedAt: "public",
  forgivenAt: "public",
  handledAt: "public",
  outcome: "public",
});

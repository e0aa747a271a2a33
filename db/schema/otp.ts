import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { bytes, instant, mark } from "./columns";
import { grants } from "./grants";

/** One OTP sent: six digits that are stored nowhere, judged by their HMAC. */
export const challenge = pgTable(
  "challenge",
  {
    id: uuid().primaryKey().defaultRandom(),
    grantId: uuid()
      .notNull()
      .references(() => grants.id, { onDelete: "cascade" }),
    userId: uuid().notNull(),
    channel: text({ enum: ["sms", "voice"] }).notNull(),
    /** The sign-in attempt it belongs to; null: sent by the desk, bound to the first attempt that presents it. */
    attemptId: uuid(),
    /** HMAC-SHA-256 over challenge id and digits, set by the worker just before it sends. */
    codeHmac: bytes(),
    keyId: text(),
    wrongCount: integer().notNull().default(0),
    triesMax: integer().notNull().default(3),
    expiresAt: instant().notNull(),
    spentAt: instant(),
    /** Dead for another reason than time: too many wrong tries, resent, its grant ended. */
    endedAt: instant(),
    endReason: text(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("challenge_one_live")
      .on(t.attemptId, t.channel)
      .where(sql`${t.spentAt} is null and ${t.endedAt} is null`),
    uniqueIndex("challenge_one_live_of_desk")
      .on(t.grantId)
      .where(sql`${t.attemptId} is null and ${t.spentAt} is null and ${t.endedAt} is null`),
    index("challenge_grant").on(t.grantId, t.createdAt.desc()),
    index("challenge_user").on(t.userId, t.createdAt.desc()),
    index("challenge_expires").on(t.expiresAt),
    check("challenge_channel", sql`${t.channel} in ('sms', 'voice')`),
    check(
      "challenge_window",
      sql`${t.expiresAt} > ${t.createdAt} and ${t.expiresAt} <= ${t.createdAt} + interval '10 minutes'`,
    ),
    check(
      "challenge_tries",
      sql`${t.wrongCount} >= 0 and ${t.wrongCount} <= ${t.triesMax} and ${t.triesMax} between 1 and 10`,
    ),
    check("challenge_dead_when_tried_out", sql`${t.wrongCount} < ${t.triesMax} or ${t.endedAt} is not null`),
    check("challenge_key", sql`(${t.codeHmac} is null) = (${t.keyId} is null)`),
    check("challenge_one_end", sql`${t.spentAt} is null or ${t.endedAt} is null`),
  ],
);
mark(challenge, {
  id: "public",
  grantId: "public",
  userId: "public",
  channel: "public",
  attemptId: "public",
  codeHmac: "secret",
  keyId: "public",
  wrongCount: "public",
  triesMax: "public",
  expiresAt: "public",
  spentAt: "public",
  endedAt: "public",
  endReason: "public",
  createdAt: "public",
});

import { sql } from "drizzle-orm";
import {
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytes, instant, mark } from "./columns";
import { users } from "./directory";
import { grants } from "./grants";

/** One future standard access code of one user (access-code, "The chain"). */
export const slot = pgTable(
  "slot",
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    number: integer().notNull(),
    kind: text({ enum: ["once", "reusable"] }).notNull(),
    generation: integer().notNull(),
    slotEpoch: instant().notNull(),
    salt: bytes().notNull(),
    anchor: bytes().notNull(),
    /** AES-256-GCM of the seed, while open; gone in the transaction that issues or retires the slot. */
    seedCipher: bytes(),
    seedKeyId: text(),
    issuedAt: instant(),
    retiredAt: instant(),
    createdAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("slot_user_number").on(t.userId, t.number),
    index("slot_open")
      .on(t.userId, t.kind, t.number)
      .where(sql`${t.issuedAt} is null and ${t.retiredAt} is null`),
    index("slot_issued").on(t.userId, t.number).where(sql`${t.issuedAt} is not null`),
    check("slot_number", sql`${t.number} >= 1`),
    check("slot_salt", sql`octet_length(${t.salt}) = 16 and octet_length(${t.anchor}) = 32`),
    check("slot_epoch_whole_hour", sql`extract(epoch from ${t.slotEpoch})::bigint % 3600 = 0`),
    check(
      "slot_seed_gone",
      sql`(${t.issuedAt} is null and ${t.retiredAt} is null) or ${t.seedCipher} is null`,
    ),
    check("slot_seed_key", sql`(${t.seedCipher} is null) = (${t.seedKeyId} is null)`),
  ],
);
mark(slot, {
  id: "public",
  userId: "public",
  number: "public",
  kind: "public",
  generation: "public",
  slotEpoch: "public",
  salt: "secret",
  anchor: "secret",
  seedCipher: "secret",
  seedKeyId: "public",
  issuedAt: "public",
  retiredAt: "public",
  createdAt: "public",
});

/** The access code of a grant: what it is judged by, never the code. */
export const accessCode = pgTable(
  "access_code",
  {
    grantId: uuid()
      .primaryKey()
      .references(() => grants.id, { onDelete: "cascade" }),
    form: text({ enum: ["standard", "short"] }).notNull(),
    slotId: uuid().references(() => slot.id),
    expiryIndex: smallint(),
    offlineExpiresAt: instant(),
    salt: bytes().notNull(),
    /** Standard: the slot's anchor. Short: Argon2id over the HMAC of the symbols. */
    anchor: bytes().notNull(),
    /** Short: which server key the HMAC was made under. */
    keyId: text(),
    wrongCount: integer().notNull().default(0),
    /** Short: when a try was last taken, before it is judged. */
    triedAt: instant(),
  },
  (t) => [
    uniqueIndex("access_code_slot").on(t.slotId),
    check(
      "access_code_form",
      sql`(${t.form} = 'standard' and ${t.slotId} is not null and ${t.expiryIndex} is not null and ${t.expiryIndex} between 0 and 1023 and ${t.offlineExpiresAt} is not null and ${t.keyId} is null)
        or (${t.form} = 'short' and ${t.slotId} is null and ${t.expiryIndex} is null and ${t.offlineExpiresAt} is null and ${t.keyId} is not null)`,
    ),
    check("access_code_salt", sql`octet_length(${t.salt}) = 16 and octet_length(${t.anchor}) = 32`),
    check("access_code_wrong", sql`${t.wrongCount} >= 0`),
  ],
);
mark(accessCode, {
  grantId: "public",
  form: "public",
  slotId: "public",
  expiryIndex: "public",
  offlineExpiresAt: "public",
  salt: "secret",
  anchor: "secret",
  keyId: "public",
  wrongCount: "public",
  triedAt: "public",
});

/** Wrong tries in a row of one subject from one source (limits: back-off from the 5th). Keys are HMACs: nothing here says who exists. */
export const throttle = pgTable(
  "throttle",
  {
    subjectKey: text().notNull(),
    sourceKey: text().notNull(),
    wrongCount: integer().notNull().default(0),
    backOffUntil: instant(),
    updatedAt: instant().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.subjectKey, t.sourceKey] }),
    index("throttle_updated").on(t.updatedAt),
    check("throttle_wrong", sql`${t.wrongCount} >= 0`),
  ],
);
mark(throttle, {
  subjectKey: "public",
  sourceKey: "public",
  wrongCount: "public",
  backOffUntil: "public",
  updatedAt: "public",
});

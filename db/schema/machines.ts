import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { slot } from "./codes";
import { bytes, instant, mark } from "./columns";
import { users } from "./directory";
import { grants } from "./grants";

/** A key that packages are signed with (Ed25519). One is in force; the next one travels in packages signed by it. */
export const signingKey = pgTable(
  "signing_key",
  {
    /** base64url of SHA-256 of the raw public key: what a machine pins, and an enrolment token names. */
    id: text().primaryKey(),
    publicKey: bytes().notNull(),
    privateCipher: bytes(),
    privateKeyId: text(),
    createdAt: instant().notNull().defaultNow(),
    /** From when new machines pin it; null: announced in packages only. */
    inForceAt: instant(),
    /** From when no package is signed by it any more; its private half is gone. */
    endedAt: instant(),
  },
  (t) => [
    uniqueIndex("signing_key_one_announced")
      .on(sql`(true)`)
      .where(sql`${t.inForceAt} is null and ${t.endedAt} is null`),
    check("signing_key_public", sql`octet_length(${t.publicKey}) = 32`),
    check(
      "signing_key_private",
      sql`(${t.endedAt} is null) = (${t.privateCipher} is not null) and (${t.privateCipher} is null) = (${t.privateKeyId} is null)`,
    ),
  ],
);
mark(signingKey, {
  id: "public",
  publicKey: "public",
  privateCipher: "secret",
  privateKeyId: "public",
  createdAt: "public",
  inForceAt: "public",
  endedAt: "public",
});

/** A computer that runs the agent (offline, "Enrolment"). */
export const machine = pgTable(
  "machine",
  {
    id: uuid().primaryKey().defaultRandom(),
    name: text().notNull(),
    /** Ed25519, raw. */
    publicKey: bytes().notNull(),
    enrolledAt: instant().notNull().defaultNow(),
    enrolledBy: text(),
    /** Released: handed back by its owner or staff. Revoked: lost or stolen, with all that it held. */
    endedAt: instant(),
    endedAs: text({ enum: ["released", "revoked"] }),
    endedBy: text(),
    endReason: text(),
    agentVersion: text(),
    lastContactAt: instant(),
    lastSourceIp: text(),
    /** The signing key that it last said it pins. */
    pinnedKeyId: text()
      .notNull()
      .references(() => signingKey.id),
    /** The package made last for it. Serials only rise, at least by the database's clock (milliseconds). */
    generation: integer().notNull().default(0),
    serial: bigint({ mode: "number" }).notNull().default(0),
    packageAt: instant(),
    packageNotAfter: instant(),
    /** The package that it last said it stores. */
    storedGeneration: integer().notNull().default(0),
    storedSerial: bigint({ mode: "number" }).notNull().default(0),
    storedAt: instant(),
    storedNotAfter: instant(),
    /** The head of its chain of receipts, as far as handed in. */
    receiptSeq: integer().notNull().default(0),
    receiptHash: bytes(),
    /** The highest number of a receipt that was deleted for its age. */
    receiptFloor: integer().notNull().default(0),
    /** How many receipts were taken in the day that began then. */
    receiptsSince: instant(),
    receiptsCount: integer().notNull().default(0),
  },
  (t) => [
    uniqueIndex("machine_one_enrolled").on(sql`lower(${t.name})`).where(sql`${t.endedAt} is null`),
    index("machine_name").on(t.name),
    check("machine_public", sql`octet_length(${t.publicKey}) = 32`),
    check("machine_end", sql`(${t.endedAt} is null) = (${t.endedAs} is null)`),
    check(
      "machine_stored",
      sql`(${t.storedGeneration}, ${t.storedSerial}) <= (${t.generation}, ${t.serial})`,
    ),
  ],
);
mark(machine, {
  id: "public",
  name: "public",
  publicKey: "public",
  enrolledAt: "public",
  enrolledBy: "public",
  endedAt: "public",
  endedAs: "public",
  endedBy: "public",
  endReason: "public",
  agentVersion: "public",
  lastContactAt: "public",
  lastSourceIp: "personal",
  pinnedKeyId: "public",
  generation: "public",
  serial: "public",
  packageAt: "public",
  packageNotAfter: "public",
  storedGeneration: "public",
  storedSerial: "public",
  storedAt: "public",
  storedNotAfter: "public",
  receiptSeq: "public",
  receiptHash: "public",
  receiptFloor: "public",
  receiptsSince: "public",
  receiptsCount: "public",
});

/** Leave to enrol one machine of one name, once, within ten minutes. */
export const enrolmentToken = pgTable(
  "enrolment_token",
  {
    id: uuid().primaryKey().defaultRandom(),
    digest: bytes().notNull(),
    machineName: text().notNull(),
    userIds: uuid().array().notNull().default([]),
    createdAt: instant().notNull().defaultNow(),
    createdBy: text(),
    expiresAt: instant().notNull(),
    usedAt: instant(),
    machineId: uuid().references(() => machine.id),
  },
  (t) => [
    uniqueIndex("enrolment_token_digest").on(t.digest),
    check("enrolment_token_window", sql`${t.expiresAt} > ${t.createdAt}`),
  ],
);
mark(enrolmentToken, {
  id: "public",
  digest: "secret",
  machineName: "public",
  userIds: "public",
  createdAt: "public",
  createdBy: "public",
  expiresAt: "public",
  usedAt: "public",
  machineId: "public",
});

/** Who is on which machine: only they are in its packages. */
export const machineUser = pgTable(
  "machine_user",
  {
    machineId: uuid()
      .notNull()
      .references(() => machine.id, { onDelete: "cascade" }),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** By hand, or because they signed in there. */
    source: text({ enum: ["hand", "signin"] }).notNull(),
    addedAt: instant().notNull().defaultNow(),
    addedBy: text(),
  },
  (t) => [primaryKey({ columns: [t.machineId, t.userId] }), index("machine_user_user").on(t.userId)],
);
mark(machineUser, {
  machineId: "public",
  userId: "public",
  source: "public",
  addedAt: "public",
  addedBy: "public",
});

/** What a machine may hold as open: a slot that stood in a package made for it, until it says that it stores a later one without it, which `goneAt` keeps. */
export const packageSlot = pgTable(
  "package_slot",
  {
    machineId: uuid()
      .notNull()
      .references(() => machine.id, { onDelete: "cascade" }),
    slotId: uuid()
      .notNull()
      .references(() => slot.id, { onDelete: "cascade" }),
    /** The last package in which it stood open. */
    generation: integer().notNull(),
    serial: bigint({ mode: "number" }).notNull(),
    notAfter: instant().notNull(),
    /** The first package in which it stood open was stored there; null: not known to have arrived. */
    storedAt: instant(),
    /** When it first said that it stores a later package in which the slot isn't open, or that it closed the slot itself: it can't be used there any more. */
    goneAt: instant(),
  },
  (t) => [primaryKey({ columns: [t.machineId, t.slotId] }), index("package_slot_slot").on(t.slotId)],
);
mark(packageSlot, {
  machineId: "public",
  slotId: "public",
  generation: "public",
  serial: "public",
  notAfter: "public",
  storedAt: "public",
  goneAt: "public",
});

/** The ids of the machines' requests, so that none counts twice. */
export const machineRequest = pgTable(
  "machine_request",
  {
    machineId: uuid()
      .notNull()
      .references(() => machine.id, { onDelete: "cascade" }),
    jti: text().notNull(),
    expiresAt: instant().notNull(),
  },
  (t) => [primaryKey({ columns: [t.machineId, t.jti] }), index("machine_request_expiry").on(t.expiresAt)],
);
mark(machineRequest, { machineId: "public", jti: "public", expiresAt: "public" });

/** One answer that a machine gave without us, as it signed it (offline, "Receipts"). */
export const receipt = pgTable(
  "receipt",
  {
    id: uuid().primaryKey().defaultRandom(),
    machineId: uuid()
      .notNull()
      .references(() => machine.id),
    seq: integer().notNull(),
    /** SHA-256 of the receipt as signed. */
    hash: bytes().notNull(),
    previousHash: bytes().notNull(),
    /** By the machine's clock. */
    at: instant().notNull(),
    receivedAt: instant().notNull().defaultNow(),
    userId: uuid().references(() => users.id),
    slotId: uuid().references(() => slot.id),
    outcome: text().notNull(),
    grantId: uuid().references(() => grants.id),
  },
  (t) => [
    uniqueIndex("receipt_hash").on(t.machineId, t.hash),
    index("receipt_machine").on(t.machineId, t.seq),
    index("receipt_slot").on(t.slotId),
    index("receipt_grant").on(t.grantId),
    index("receipt_received").on(t.receivedAt),
    check("receipt_hashes", sql`octet_length(${t.hash}) = 32 and octet_length(${t.previousHash}) = 32`),
  ],
);
mark(receipt, {
  id: "public",
  machineId: "public",
  seq: "public",
  hash: "public",
  previousHash: "public",
  at: "public",
  receivedAt: "public",
  userId: "public",
  slotId: "public",
  outcome: "public",
  grantId: "public",
});

/** What about a machine is not as it can be; stays until somebody has looked. */
export const machineAlarm = pgTable(
  "machine_alarm",
  {
    id: uuid().primaryKey().defaultRandom(),
    machineId: uuid()
      .notNull()
      .references(() => machine.id),
    kind: text({
      enum: [
        "gap",
        "fork",
        "impossible_time",
        "false_proof",
        "used_twice",
        "from_the_future",
        "bad_receipt",
        "flood",
      ],
    }).notNull(),
    details: jsonb().$type<Record<string, string | number | boolean | null>>().notNull().default({}),
    raisedAt: instant().notNull().defaultNow(),
    seenAt: instant(),
    seenBy: text(),
  },
  (t) => [
    index("machine_alarm_unseen").on(t.raisedAt).where(sql`${t.seenAt} is null`),
    index("machine_alarm_machine").on(t.machineId),
  ],
);
mark(machineAlarm, {
  id: "public",
  machineId: "public",
  kind: "public",
  details: "public",
  raisedAt: "public",
  seenAt: "public",
  seenBy: "public",
});

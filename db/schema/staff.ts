import { sql } from "drizzle-orm";
import { bigint, check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { bytes, instant, mark } from "./columns";

export const staff = pgTable(
  "staff",
  {
    id: uuid().primaryKey().defaultRandom(),
    email: text().notNull(),
    /** Lower-cased, NFKC. */
    emailKey: text().notNull(),
    name: text().notNull(),
    role: text({ enum: ["helpdesk", "lead", "security", "auditor", "owner"] }).notNull(),
    /** Argon2id, PHC string; null: signs in at the OpenID provider only. */
    passwordHash: text(),
    failedCount: integer().notNull().default(0),
    lockedUntil: instant(),
    disabledAt: instant(),
    /** The same person in the directory: nobody issues for oneself. */
    userDirectoryId: text(),
    oidcIssuer: text(),
    oidcSubject: text(),
    /** When the OpenID provider last vouched for a second factor of theirs; null: never, or not since their factors were reset. */
    oidcFactorAt: instant(),
    language: text().notNull().default("en"),
    timeZone: text(),
    createdAt: instant().notNull().defaultNow(),
    lastSignInAt: instant(),
  },
  (t) => [
    uniqueIndex("staff_email_key").on(t.emailKey),
    uniqueIndex("staff_oidc").on(t.oidcIssuer, t.oidcSubject),
    check("staff_role", sql`${t.role} in ('helpdesk', 'lead', 'security', 'auditor', 'owner')`),
    check("staff_failed_count", sql`${t.failedCount} >= 0`),
  ],
);
mark(staff, {
  id: "public",
  email: "personal",
  emailKey: "personal",
  name: "personal",
  role: "public",
  passwordHash: "secret",
  failedCount: "public",
  lockedUntil: "public",
  disabledAt: "public",
  userDirectoryId: "personal",
  oidcIssuer: "public",
  oidcSubject: "personal",
  oidcFactorAt: "public",
  language: "public",
  timeZone: "public",
  createdAt: "public",
  lastSignInAt: "public",
});

export const staffPasskey = pgTable(
  "staff_passkey",
  {
    /** The credential id, base64url. */
    id: text().primaryKey(),
    staffId: uuid()
      .notNull()
      .references(() => staff.id, { onDelete: "cascade" }),
    publicKey: bytes().notNull(),
    counter: bigint({ mode: "number" }).notNull().default(0),
    transports: text().array().notNull().default([]),
    name: text().notNull(),
    createdAt: instant().notNull().defaultNow(),
    lastUsedAt: instant(),
  },
  (t) => [index("staff_passkey_staff").on(t.staffId)],
);
mark(staffPasskey, {
  id: "public",
  staffId: "public",
  publicKey: "public",
  counter: "public",
  transports: "public",
  name: "personal",
  createdAt: "public",
  lastUsedAt: "public",
});

export const staffTotp = pgTable("staff_totp", {
  staffId: uuid()
    .primaryKey()
    .references(() => staff.id, { onDelete: "cascade" }),
  secretCipher: bytes().notNull(),
  keyId: text().notNull(),
  /** The last 30 s step that was accepted: each is good once. */
  lastStep: bigint({ mode: "number" }).notNull().default(0),
  /** Wrong codes in a row, counted apart from wrong passwords: those anybody can make, these only who knows the password. */
  failedCount: integer().notNull().default(0),
  lockedUntil: instant(),
  confirmedAt: instant(),
  createdAt: instant().notNull().defaultNow(),
});
mark(staffTotp, {
  staffId: "public",
  secretCipher: "secret",
  keyId: "public",
  lastStep: "public",
  failedCount: "public",
  lockedUntil: "public",
  confirmedAt: "public",
  createdAt: "public",
});

export const staffSession = pgTable(
  "staff_session",
  {
    id: uuid().primaryKey().defaultRandom(),
    tokenDigest: bytes().notNull(),
    staffId: uuid()
      .notNull()
      .references(() => staff.id, { onDelete: "cascade" }),
    createdAt: instant().notNull().defaultNow(),
    lastSeenAt: instant().notNull().defaultNow(),
    expiresAt: instant().notNull(),
    endedAt: instant(),
    endedReason: text(),
    /** When a second factor was last shown; null: not yet, the session opens nothing but that step. */
    secondFactorAt: instant(),
    secondFactorMethod: text({ enum: ["passkey", "totp", "oidc", "demo"] }),
    sourceIp: text(),
    userAgent: text(),
  },
  (t) => [
    uniqueIndex("staff_session_token").on(t.tokenDigest),
    index("staff_session_staff").on(t.staffId, t.createdAt.desc()),
    check(
      "staff_session_window",
      sql`${t.expiresAt} > ${t.createdAt} and ${t.expiresAt} <= ${t.createdAt} + interval '12 hours'`,
    ),
  ],
);
mark(staffSession, {
  id: "public",
  tokenDigest: "secret",
  staffId: "public",
  createdAt: "public",
  lastSeenAt: "public",
  expiresAt: "public",
  endedAt: "public",
  endedReason: "public",
  secondFactorAt: "public",
  secondFactorMethod: "public",
  sourceIp: "personal",
  userAgent: "personal",
});

/** One-time tokens of staff: an invitation, a reset, a WebAuthn challenge, the last step of a sign-in. Digests only. */
export const staffToken = pgTable(
  "staff_token",
  {
    tokenDigest: bytes().primaryKey(),
    staffId: uuid().references(() => staff.id, { onDelete: "cascade" }),
    purpose: text({ enum: ["setup", "invite", "password_reset", "sign_in", "webauthn"] }).notNull(),
    data: jsonb().$type<Record<string, string>>().notNull().default({}),
    createdAt: instant().notNull().defaultNow(),
    expiresAt: instant().notNull(),
    usedAt: instant(),
  },
  (t) => [index("staff_token_staff").on(t.staffId), index("staff_token_expires").on(t.expiresAt)],
);
mark(staffToken, {
  tokenDigest: "secret",
  staffId: "public",
  purpose: "public",
  data: "secret",
  createdAt: "public",
  expiresAt: "public",
  usedAt: "public",
});

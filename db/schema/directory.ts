import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
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
import { instant, mark, orderedText } from "./columns";

/** A person of the company (NIST: subscriber). */
export const users = pgTable(
  "users",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** The id in the directory that the person came from. */
    directoryId: text().notNull(),
    login: text().notNull(),
    /** Folded (`foldKey`): what a sign-in name is compared by. */
    loginKey: text().notNull(),
    email: text(),
    emailKey: text(),
    firstName: text().notNull(),
    lastName: text().notNull(),
    displayName: text().notNull(),
    employeeNumber: text(),
    title: text(),
    department: text(),
    site: text(),
    managerId: uuid().references((): AnyPgColumn => users.id, { onDelete: "set null" }),
    language: text(),
    timeZone: text(),
    normalAuthenticators: text().array().notNull().default([]),
    lastSignInAt: instant(),
    lastSignInMethod: text(),
    disabledAt: instant(),
    /** What keeps the person up to date; what another keeps is not changed by it. */
    source: text({ enum: ["csv", "demo", "scim", "ldap"] })
      .notNull()
      .default("csv"),
    /** What a SCIM client calls the person. */
    externalId: text(),
    /** Set once the directory took the person away: disabled for good, and no name or address leads to them any more. */
    deletedAt: instant(),
    /** Which client did. */
    deletedBy: text(),
    /** The login, folded, of somebody who was taken away: theirs may be another's by now. */
    formerLoginKey: text(),
    /** What the user is found by (`encodeWords`); `user_search_key` is made of it. */
    searchWords: text().array().notNull().default([]),
    createdAt: instant().notNull().defaultNow(),
    updatedAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("users_directory_id").on(t.directoryId),
    uniqueIndex("users_login_key").on(t.loginKey),
    index("users_email_key").on(t.emailKey),
    index("users_manager").on(t.managerId),
    index("users_external_id").on(t.externalId),
    index("users_former_login_key").on(t.formerLoginKey).where(sql`${t.formerLoginKey} is not null`),
    check("users_source", sql`${t.source} in ('csv', 'demo', 'scim', 'ldap')`),
    check(
      "users_deleted",
      sql`${t.deletedAt} is null or (${t.disabledAt} is not null and ${t.emailKey} is null and ${t.loginKey} = 'GONE ' || ${t.id}::text)`,
    ),
  ],
);
mark(users, {
  id: "public",
  directoryId: "personal",
  login: "personal",
  loginKey: "personal",
  email: "personal",
  emailKey: "personal",
  firstName: "personal",
  lastName: "personal",
  displayName: "personal",
  employeeNumber: "personal",
  title: "personal",
  department: "personal",
  site: "personal",
  managerId: "public",
  language: "personal",
  timeZone: "personal",
  normalAuthenticators: "personal",
  lastSignInAt: "personal",
  lastSignInMethod: "personal",
  disabledAt: "public",
  source: "public",
  externalId: "personal",
  deletedAt: "public",
  deletedBy: "public",
  formerLoginKey: "personal",
  searchWords: "personal",
  createdAt: "public",
  updatedAt: "public",
});

export const userPhone = pgTable(
  "user_phone",
  {
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    channel: text({ enum: ["sms", "voice"] }).notNull(),
    e164: text().notNull(),
    last4: text().notNull(),
    changedAt: instant().notNull().defaultNow(),
    /** Who set it: null is the directory. */
    changedBy: text(),
    /** No OTP goes to it before (limits: a changed number is held for 7 days). */
    heldUntil: instant(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.channel] }),
    index("user_phone_e164").on(t.e164),
    check("user_phone_channel", sql`${t.channel} in ('sms', 'voice')`),
    check(
      "user_phone_e164_shape",
      sql`${t.e164} ~ '^\\+[1-9][0-9]{6,14}$' and ${t.last4} = right(${t.e164}, 4)`,
    ),
  ],
);
mark(userPhone, {
  userId: "public",
  channel: "public",
  e164: "personal",
  last4: "personal",
  changedAt: "public",
  changedBy: "public",
  heldUntil: "public",
});

/** Numbers that staff or a key took away: what comes of the directory brings none back. */
export const phoneRemoval = pgTable(
  "phone_removal",
  {
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    channel: text({ enum: ["sms", "voice"] }).notNull(),
    removedAt: instant().notNull().defaultNow(),
    removedBy: text().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.channel] }),
    check("phone_removal_channel", sql`${t.channel} in ('sms', 'voice')`),
  ],
);
mark(phoneRemoval, { userId: "public", channel: "public", removedAt: "public", removedBy: "public" });

export const userGroup = pgTable(
  "user_group",
  {
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    groupName: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.groupName] }), index("user_group_name").on(t.groupName)],
);
mark(userGroup, { userId: "public", groupName: "public" });

/** A group that a SCIM client keeps; who is in it stands in `user_group` under its name. */
export const directoryGroup = pgTable(
  "directory_group",
  {
    id: uuid().primaryKey().defaultRandom(),
    name: text().notNull(),
    /** Folded (`foldKey`). */
    nameKey: text().notNull(),
    externalId: text(),
    /** Counts its changes, those of its members too. */
    version: integer().notNull().default(1),
    createdAt: instant().notNull().defaultNow(),
    updatedAt: instant().notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("directory_group_name_key").on(t.nameKey),
    index("directory_group_name").on(t.name),
    index("directory_group_external_id").on(t.externalId),
  ],
);
mark(directoryGroup, {
  id: "public",
  name: "public",
  nameKey: "public",
  externalId: "public",
  version: "public",
  createdAt: "public",
  updatedAt: "public",
});

/**
 * The index of the look-up: users in the order of what they are found by (`toSearchKeys`). Rows follow `users.search_words`. A trigger
 * takes them away with their user; a foreign key would look the user up for each of some 27 rows, half of what they cost.
 */
export const userSearchKey = pgTable(
  "user_search_key",
  {
    userId: uuid().notNull(),
    rank: smallint().notNull(),
    head: orderedText().notNull(),
    word: orderedText().notNull(),
    rest: orderedText().notNull(),
  },
  (t) => [
    index("user_search_key_list").on(t.head, t.rank, t.word, t.rest, t.userId),
    index("user_search_key_user").on(t.userId),
  ],
);
mark(userSearchKey, {
  userId: "public",
  rank: "public",
  head: "personal",
  word: "personal",
  rest: "personal",
});

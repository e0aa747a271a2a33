import { sql } from "drizzle-orm";
import { boolean, check, integer, jsonb, pgTable, smallint, text } from "drizzle-orm/pg-core";
import { bytes, instant, mark } from "./columns";

/** One row: the directory that people are read from by LDAP. */
export const ldapDirectory = pgTable(
  "ldap_directory",
  {
    id: smallint().primaryKey().default(1),
    url: text().notNull(),
    startsTls: boolean().notNull(),
    caCertificate: text(),
    bindDn: text().notNull(),
    passwordCipher: bytes().notNull(),
    passwordKeyId: text().notNull(),
    flavour: text({ enum: ["active-directory", "openldap"] }).notNull(),
    baseDn: text().notNull(),
    userFilter: text().notNull(),
    groupBaseDn: text().notNull(),
    groupFilter: text().notNull(),
    groupsBy: text({ enum: ["memberOf", "member"] }).notNull(),
    /** The attributes that are other than the flavour's own. */
    attributes: jsonb().$type<Record<string, string>>().notNull().default({}),
    /** ISO 3166-1 alpha-2: whose national way of writing numbers is meant. */
    country: text(),
    pageSize: integer().notNull(),
    everyMinutes: integer().notNull(),
    /** When the next sync is due; null: none before somebody asks for one. */
    nextAt: instant(),
    /** Where the last sync ended; null: the next one reads everything. */
    cursor: jsonb().$type<Record<string, unknown>>(),
    /** Another one when a group changed. */
    groupsDigest: text(),
    fullAt: instant(),
    /** Counts the changes of its settings. */
    version: integer().notNull().default(1),
    changedAt: instant().notNull().defaultNow(),
    changedBy: text(),
  },
  (t) => [
    check("ldap_directory_single", sql`${t.id} = 1`),
    check("ldap_directory_url", sql`${t.url} ~ '^ldaps?://'`),
    check("ldap_directory_flavour", sql`${t.flavour} in ('active-directory', 'openldap')`),
    check("ldap_directory_groups_by", sql`${t.groupsBy} in ('memberOf', 'member')`),
    check("ldap_directory_page_size", sql`${t.pageSize} between 10 and 1000`),
    check("ldap_directory_every", sql`${t.everyMinutes} between 5 and 1440`),
  ],
);
mark(ldapDirectory, {
  id: "public",
  url: "public",
  startsTls: "public",
  caCertificate: "public",
  bindDn: "personal",
  passwordCipher: "secret",
  passwordKeyId: "public",
  flavour: "public",
  baseDn: "public",
  userFilter: "public",
  groupBaseDn: "public",
  groupFilter: "public",
  groupsBy: "public",
  attributes: "public",
  country: "public",
  pageSize: "public",
  everyMinutes: "public",
  nextAt: "public",
  cursor: "public",
  groupsDigest: "secret",
  fullAt: "public",
  version: "public",
  changedAt: "public",
  changedBy: "public",
});

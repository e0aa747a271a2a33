import { sql } from "drizzle-orm";
import {
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
import { bytes, instant, mark } from "./columns";

/** A relying system or a script that calls the doors for programs. */
export const client = pgTable(
  "client",
  {
    id: uuid().primaryKey().defaultRandom(),
    kind: text({ enum: ["legacy_key", "client_key", "oauth", "openid", "entra", "scim"] }).notNull(),
    name: text().notNull(),
    /** What a legacy key may do; an OAuth client's scopes say it for that kind. */
    role: text({ enum: ["helpdesk", "integration"] }),
    scopes: text().array().notNull().default([]),
    /** The `sub` of a legacy key's tokens, the `client_id` of an OAuth client. */
    accessId: text(),
    publicJwk: jsonb().$type<Record<string, unknown>>(),
    /** SHA-256 of a client key, of the secret of an OpenID client, or of a directory's token. */
    secretDigest: bytes(),
    /** Of a client that signs people in by OpenID Connect: where it may be answered, and whose word it brings. */
    openid: jsonb().$type<{
      redirectUris: string[];
      entra?: { tenantId: string; appId: string; discoveryUrl: string };
    }>(),
    callsPerSecond: integer().notNull().default(20),
    createdAt: instant().notNull().defaultNow(),
    createdBy: text(),
    endedAt: instant(),
    lastUsedAt: instant(),
  },
  (t) => [
    uniqueIndex("client_access_id").on(t.accessId),
    uniqueIndex("client_secret_digest").on(t.secretDigest),
    index("client_kind").on(t.kind),
    check(
      "client_kind_known",
      sql`${t.kind} in ('legacy_key', 'client_key', 'oauth', 'openid', 'entra', 'scim')`,
    ),
    check(
      "client_credential",
      sql`(${t.accessId} is not null) = (${t.kind} not in ('client_key', 'scim'))
        and (${t.publicJwk} is not null) = (${t.kind} in ('legacy_key', 'oauth'))
        and (${t.secretDigest} is not null) = (${t.kind} in ('client_key', 'openid', 'scim'))
        and (${t.openid} is not null) = (${t.kind} in ('openid', 'entra'))`,
    ),
    check("client_role", sql`(${t.kind} = 'legacy_key') = (${t.role} is not null)`),
  ],
);
mark(client, {
  id: "public",
  kind: "public",
  name: "public",
  role: "public",
  scopes: "public",
  accessId: "public",
  publicJwk: "public",
  secretDigest: "secret",
  openid: "public",
  callsPerSecond: "public",
  createdAt: "public",
  createdBy: "public",
  endedAt: "public",
  lastUsedAt: "public",
});

/** The assertions that OAuth clients have used: each is good once. Kept until none of that id could be good. */
export const clientAssertion = pgTable(
  "client_assertion",
  {
    clientId: uuid()
      .notNull()
      .references(() => client.id, { onDelete: "cascade" }),
    jti: text().notNull(),
    expiresAt: instant().notNull(),
  },
  (t) => [primaryKey({ columns: [t.clientId, t.jti] }), index("client_assertion_expires").on(t.expiresAt)],
);
mark(clientAssertion, { clientId: "public", jti: "public", expiresAt: "public" });

import { index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { client } from "./clients";
import { bytes, instant, mark } from "./columns";
import { users } from "./directory";
import { grants } from "./grants";

/** A key pair that ID tokens are signed with (RS256). Which one signs follows from their ages. */
export const openidKey = pgTable("openid_key", {
  /** RFC 7638 thumbprint. */
  id: text().primaryKey(),
  /** With its certificate (`x5c`). */
  publicJwk: jsonb().$type<Record<string, unknown>>().notNull(),
  privateCipher: bytes().notNull(),
  privateKeyId: text().notNull(),
  createdAt: instant().notNull().defaultNow(),
});
mark(openidKey, {
  id: "public",
  publicJwk: "public",
  privateCipher: "secret",
  privateKeyId: "public",
  createdAt: "public",
});

/** Somebody signed in to an application by emergency access: what a grant opened there. Its id is that of the provider's own grant. */
export const openidSignIn = pgTable(
  "openid_sign_in",
  {
    id: uuid().primaryKey().defaultRandom(),
    clientId: uuid()
      .notNull()
      .references(() => client.id, { onDelete: "cascade" }),
    grantId: uuid()
      .notNull()
      .references(() => grants.id, { onDelete: "cascade" }),
    userId: uuid()
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** The `sub` that the application is told. */
    subject: text().notNull(),
    createdAt: instant().notNull().defaultNow(),
    /** Never later than the grant's own end. */
    expiresAt: instant().notNull(),
    endedAt: instant(),
  },
  (t) => [
    index("openid_sign_in_expires").on(t.expiresAt),
    index("openid_sign_in_grant").on(t.grantId),
    index("openid_sign_in_user").on(t.userId),
    index("openid_sign_in_client").on(t.clientId),
  ],
);
mark(openidSignIn, {
  id: "public",
  clientId: "public",
  grantId: "public",
  userId: "public",
  subject: "personal",
  createdAt: "public",
  expiresAt: "public",
  endedAt: "public",
});

/** What the OpenID provider remembers: requests under way, codes, tokens. */
export const openidEntry = pgTable(
  "openid_entry",
  {
    /** The provider's word for what it is. */
    model: text().notNull(),
    /** SHA-256 of the id, which opens something. */
    idDigest: bytes().notNull(),
    /** The sign-in that it comes from; null: none yet. */
    signInId: uuid().references(() => openidSignIn.id, { onDelete: "cascade" }),
    /** JSON, without the id. Text, because it may hold what `jsonb` can't (NUL). */
    payload: text().notNull(),
    consumedAt: instant(),
    expiresAt: instant().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.model, t.idDigest] }),
    index("openid_entry_expires").on(t.expiresAt),
    index("openid_entry_sign_in").on(t.signInId),
  ],
);
mark(openidEntry, {
  model: "public",
  idDigest: "secret",
  signInId: "public",
  payload: "personal",
  consumedAt: "public",
  expiresAt: "public",
});

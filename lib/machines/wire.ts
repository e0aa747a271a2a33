import * as z from "zod";

// What the agent and the server say to each other, below /agent/v1 (offline.md). Pure: both sides parse with it.

/** How long a package can be good at most (limits, "offline"). */
export const packageSecondsMax = 14 * 24 * 3600;

/** How long a machine's request is good at most (offline, "Enrolment"). */
export const requestSecondsMax = 60;

/** How many receipts go in one request. */
export const receiptsPerSyncMax = 200;

const base64url = (bytes: number) =>
  z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`));
const time = z.iso.datetime({ precision: 3 });
const serial = z.int().min(0);
const integerMax = 2 ** 31 - 1;
const generation = z.int().min(0).max(integerMax);
const agentVersion = z.string().regex(/^[\x21-\x7e]{1,40}$/);

/** The id of a signing key: base64url of SHA-256 of its 32 raw bytes. */
const signingKeyIdSchema = base64url(32);

/** An enrolment token: 128 random bits and the id of the server's signing key, both base64url, with a dot between. */
export const enrolmentTokenSchema = z.string().regex(/^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/);

/** The name of a machine: 1-63 letters, digits and hyphens, as in a host name; case means nothing. */
export const machineNameSchema = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/);

/** `GET /agent/v1/signing-key`: asked first, so that nothing is said to a server whose key is not the token's. */
export const signingKeyAnswerSchema = z.object({ publicKey: base64url(32) });

/** What a machine that enrols says of itself. */
export const enrolWishSchema = z.strictObject({
  machine: machineNameSchema,
  /** Ed25519, raw. */
  publicKey: base64url(32),
  /** The id of the signing key that the token names, and that will be pinned. */
  signingKey: signingKeyIdSchema,
  agentVersion,
});

/**
 * `POST /agent/v1/enrol`: a JWS (EdDSA by the key that the token stands for, see `deriveTokenKey`; `typ` `sparekey-enrol`, `kid` its
 * public half) over `enrolWishSchema`. The token itself never travels, so who sits in between can put no key of their own in it.
 */
export const enrolRequestSchema = z.strictObject({ wish: z.string().regex(/^[A-Za-z0-9_.-]{1,2000}$/) });

/** The `kid` of that JWS. */
export const tokenKeySchema = base64url(32);

/** The inside of its answer, 201: a JWS (EdDSA, `typ` `sparekey-enrolment`, `kid` the signing key's id) over this. */
export const enrolmentSchema = z.object({
  machineId: z.uuid(),
  machine: machineNameSchema,
  /** The key that was enrolled: the agent compares. */
  publicKey: base64url(32),
  serverTime: time,
});

/** The outside of that answer, and of a synced package. */
export const enrolAnswerSchema = z.object({ enrolment: z.string() });

/**
 * The claims of the JWT that every later request carries as `Authorization: Bearer`: EdDSA by the machine's key, header `kid` the machine's id.
 */
export const requestClaimsSchema = z.object({
  /** The server's base URL. */
  aud: z.string(),
  method: z.string(),
  /** The path without a query. */
  path: z.string(),
  /** base64url of SHA-256 of the body's bytes; of nothing, where there is no body. */
  body: base64url(32),
  iat: z.int(),
  /** At most 60 s after `iat`. */
  exp: z.int(),
  jti: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
});

const held = z.strictObject({ generation, serial });

/** `POST /agent/v1/sync`. */
export const syncRequestSchema = z.strictObject({
  agentVersion,
  /** The package that is stored; null: none. */
  holds: held.nullable(),
  /** The id of the signing key that is pinned. */
  pinned: signingKeyIdSchema,
  /** Receipts that aren't acknowledged yet, oldest first, each a compact JWS. */
  receipts: z.array(z.string().regex(/^[A-Za-z0-9_.-]{1,2000}$/)).max(receiptsPerSyncMax),
});

/** Its answer, 200. */
export const syncAnswerSchema = z.object({
  /** The package, a compact JWS. */
  package: z.string(),
  /** The last receipt that is in the server's hands: the agent may drop those up to it. */
  receipts: z.object({ seq: z.int().min(0), hash: base64url(32) }),
  /** When to ask again where nothing moves sooner. */
  syncSeconds: z.int().min(1),
});

/** Why the agent's door says no: the `error` of `{ error, message, requestId }`. */
export const agentErrors = [
  /** 400: not what is written here. */
  "bad_request",
  /** 401: no request of a machine that is enrolled; every reason looks the same. Its clock may be wrong: the answer's `Date` is ours. */
  "unauthorized",
  /** 403: no token that is good signed the wish to enrol: it is unknown, used, over, or made for another name. */
  "token_refused",
  /** 409: a machine of this name is enrolled. */
  "already_enrolled",
  /** 410: this machine was released or revoked: what it holds is worth nothing any more. */
  "ended",
  /** 409: it says that it withdrew its package, but it is enrolled: it was not this server that ended it. */
  "not_ended",
  /** 409: the signing key that it pins has ended: it must be enrolled anew. */
  "key_ended",
  /** 413. */
  "too_large",
  /** 429, with `Retry-After`. */
  "too_many",
  /** 500 and 503. */
  "fault",
] as const;

/** `POST /agent/v1/leave`, without a body, answered 204: the machine has deleted all that it held, and is released. */

/**
 * `POST /agent/v1/withdrawn`, without a body, answered 204: a machine that was told `ended` has withdrawn its package. The one
 * request that is taken of such a machine; of another it is refused as `not_ended`.
 */

/** `POST /agent/v1/stored`, as soon as a package is on the disk; answered 204. */
export const storedRequestSchema = z.strictObject({
  generation: held.shape.generation,
  serial: held.shape.serial,
  pinned: signingKeyIdSchema,
});

/** One future (or issued) access code of one user, as a machine knows it. */
const packageSlotSchema = z.object({
  slotId: z.uuid(),
  number: z.int().min(1),
  kind: z.enum(["once", "reusable"]),
  /** A whole UTC hour. */
  slotEpoch: time,
  salt: base64url(16),
  anchor: base64url(32),
  /** `open`: judge by it. `spent` and `revoked`: known, so that a no has its reason. */
  state: z.enum(["open", "spent", "revoked"]),
});
export type PackageSlot = z.infer<typeof packageSlotSchema>;

/** A package: a JWS (EdDSA, `typ` `sparekey-package`, `kid` the signing key's id) over this (offline, "Package"). */
export const packageSchema = z.object({
  machineId: z.uuid(),
  generation: generation.min(1),
  serial: serial.min(1),
  issuedAt: time,
  notAfter: time,
  serverTime: time,
  /** The longest life that any code may have: a code whose hour is further ahead was not issued by us. */
  codeSecondsMax: z.int().min(60),
  users: z.array(
    z.object({
      userId: z.uuid(),
      /** All login names, folded by `foldKey`, as what is typed there is. */
      names: z.array(z.string()),
      slots: z.array(packageSlotSchema),
    }),
  ),
  /** The next signing key, raw: pinned from now on, besides the one that signed this. */
  nextSigningKey: base64url(32).optional(),
});
export type Package = z.infer<typeof packageSchema>;

/** Why the agent said no, or yes. */
export const receiptOutcomes = [
  "yes",
  "mistyped",
  "wrong",
  "expired",
  "too_far",
  "spent",
  "revoked",
  "back_off",
  "clock_back",
  "package_over",
  "no_such_user",
] as const;
export type ReceiptOutcome = (typeof receiptOutcomes)[number];

/** A receipt: a JWS (EdDSA by the machine's key, `typ` `sparekey-receipt`) over this (offline, "Receipts"). */
export const receiptSchema = z.strictObject({
  machineId: z.uuid(),
  /** From 1 up, without a gap. */
  seq: z.int().min(1).max(integerMax),
  /** base64url of SHA-256 of the receipt before as signed; of nothing, for the first. */
  previous: base64url(32),
  /** By the machine's clock. */
  at: time,
  generation,
  serial,
  /** null: nobody on this machine. */
  userId: z.uuid().nullable(),
  slotId: z.uuid().nullable(),
  outcome: z.enum(receiptOutcomes),
  /** Of a yes: `x_0`, 9 bytes, which the server checks against the anchor. */
  proof: base64url(9).nullable(),
});
export type Receipt = z.infer<typeof receiptSchema>;

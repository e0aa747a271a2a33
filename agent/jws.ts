import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

// EdDSA over Ed25519 by node:crypto: synchronous, without a warning on Node 20, and nothing to load where a logon waits.

/** The public keys that a JWS may be signed by, raw and as base64url. */
export type TrustedKeys = readonly string[];

const derOfRawPublicKey = Buffer.from("302a300506032b6570032100", "hex");

/** base64url of SHA-256: the id of a signing key, a link of the receipts' chain. */
export function digest(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}

/** The id of a signing key: base64url of SHA-256 of its raw bytes. */
export function toKeyId(rawKey: string): string {
  return digest(Buffer.from(rawKey, "base64url"));
}

/** Reads a private key out of base64url of its PKCS#8. */
export function toPrivateKey(pkcs8: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8, "base64url"), format: "der", type: "pkcs8" });
}

function toPublicKey(raw: string): KeyObject {
  const key = Buffer.concat([derOfRawPublicKey, Buffer.from(raw, "base64url")]);
  return createPublicKey({ key, format: "der", type: "spki" });
}

/** Signs `payload` as a compact JWS (RFC 7515), header `alg` EdDSA, `typ` and `kid`. */
export function signJws(typ: string, kid: string, payload: object, key: KeyObject): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const message = `${encode({ alg: "EdDSA", typ, kid })}.${encode(payload)}`;
  return `${message}.${sign(null, Buffer.from(message), key).toString("base64url")}`;
}

/** What a JWS holds, and who signed it. */
export interface OpenedJws {
  readonly payload: unknown;
  readonly signedBy: string;
}

/**
 * Opens a compact JWS that one of the trusted keys signed. Strict: one encoding of each byte, no header but `alg`, `typ`, `kid`.
 *
 * @param typ What its header must say it is.
 * @returns undefined where anything of it is otherwise: shape, header, key, signature, JSON.
 */
export function openJws(jws: string, typ: string, trusted: TrustedKeys): OpenedJws | undefined {
  const parts = jws.split(".");
  const bytes = parts.map((part) => Buffer.from(part, "base64url"));
  const [header, payload, signature] = bytes;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined)
    return undefined;
  if (bytes.some((part, i) => part.toString("base64url") !== parts[i])) return undefined;
  const head = parseJson(header);
  if (!isRecord(head) || Object.keys(head).sort().join() !== "alg,kid,typ") return undefined;
  if (head.alg !== "EdDSA" || head.typ !== typ) return undefined;
  const signedBy = trusted.find((key) => toKeyId(key) === head.kid);
  if (signedBy === undefined) return undefined;
  const message = Buffer.from(jws.slice(0, jws.lastIndexOf(".")));
  if (!verify(null, message, toPublicKey(signedBy), signature)) return undefined;
  const opened = parseJson(payload);
  return opened === undefined ? undefined : { payload: opened, signedBy };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

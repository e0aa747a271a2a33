import "server-only";
import { createHash } from "node:crypto";
import { CompactSign, type CryptoKey, importJWK } from "jose";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { makeKeyPair } from "@/lib/platform/key-pair";
import { open, seal } from "@/lib/platform/keys";
import { Fault } from "@/lib/platform/outcome";
import { inStatement, inTransaction, type Tx } from "@/lib/platform/transaction";
import { insertKey, lockKeys, type SigningKeyRow, selectKeys } from "./key-store";

/** What a signing key signs, by its `typ`. */
export type SignedKind = "sparekey-enrolment" | "sparekey-package";

/** Names a key: base64url of SHA-256 of its raw public half. What the console shows, a token names and a machine pins. */
function toKeyId(publicKey: Uint8Array): string {
  return createHash("sha256").update(publicKey).digest("base64url");
}

/** The key that new machines pin: the last one that was put in force. */
export function findInForce(keys: readonly SigningKeyRow[]): SigningKeyRow | undefined {
  return keys
    .filter((key) => key.endedAt === null)
    .toSorted((a, b) => (a.inForceAt?.getTime() ?? 0) - (b.inForceAt?.getTime() ?? 0))
    .findLast((key) => key.inForceAt !== null);
}

/** The key that whoever pins `pinned` is to pin next: the newest that lives, unless that is it. */
export function findNext(keys: readonly SigningKeyRow[], pinned: SigningKeyRow): SigningKeyRow | undefined {
  const newest = keys.findLast((key) => key.endedAt === null);
  return newest === undefined || newest.id === pinned.id ? undefined : newest;
}

/** Makes a key pair; its private half lies sealed. For a transaction that holds `lockKeys`. */
export async function makeKey(tx: Tx, isInForce: boolean): Promise<string> {
  const { privateKey } = await makeKeyPair("ed25519");
  const { x, d } = privateKey.export({ format: "jwk" });
  if (x === undefined || d === undefined) throw new Fault("a key pair without its halves");
  const publicKey = new Uint8Array(Buffer.from(x, "base64url"));
  const id = toKeyId(publicKey);
  const { cipher, keyId } = seal("signing-key", Buffer.from(d, "base64url"), id);
  await insertKey(tx, { id, publicKey, privateCipher: cipher, privateKeyId: keyId, isInForce });
  return id;
}

/**
 * Answers the public half of the key that new machines pin, and makes the first one where there is none.
 * @see audit `signing-key.made`; offline, "Enrolment"
 */
export async function readSigningKey(ctx: Context): Promise<{ id: string; publicKey: Uint8Array }> {
  const known = findInForce(await inStatement(selectKeys));
  return known ?? inTransaction((tx) => getSigningKey(tx, ctx));
}

/** The key that new machines pin, made where there is none. Audit `signing-key.made`. */
export async function getSigningKey(tx: Tx, ctx: Context): Promise<SigningKeyRow> {
  const known = findInForce(await selectKeys(tx));
  if (known !== undefined) return known;
  await lockKeys(tx);
  const meanwhile = findInForce(await selectKeys(tx));
  if (meanwhile !== undefined) return meanwhile;
  const id = await makeKey(tx, true);
  await recordEvent(tx, ctx, {
    kind: "signing-key.made",
    outcome: "ok",
    target: { kind: "signing-key", id },
  });
  const made = findInForce(await selectKeys(tx));
  if (made === undefined) throw new Fault("a signing key that was just made is missing");
  return made;
}

const imported = new Map<string, Promise<CryptoKey>>();

/** The private half of a key, opened and imported once in this process. */
function importPrivate(key: SigningKeyRow): Promise<CryptoKey> {
  const known = imported.get(key.id);
  if (known !== undefined) return known;
  if (key.privateCipher === null || key.privateKeyId === null)
    throw new Fault("a signing key that has ended");
  const d = open("signing-key", { cipher: key.privateCipher, keyId: key.privateKeyId }, key.id);
  const made = importJWK(
    {
      kty: "OKP",
      crv: "Ed25519",
      x: Buffer.from(key.publicKey).toString("base64url"),
      d: Buffer.from(d).toString("base64url"),
    },
    "EdDSA",
  ) as Promise<CryptoKey>;
  imported.set(key.id, made);
  made.catch(() => imported.delete(key.id));
  return made;
}

/** Signs a document as a compact JWS, EdDSA. The key must be one that lives. */
export async function signDocument(key: SigningKeyRow, typ: SignedKind, document: object): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(document)))
    .setProtectedHeader({ alg: "EdDSA", typ, kid: key.id })
    .sign(await importPrivate(key));
}

import "server-only";
import { createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, type JWK } from "jose";
import { recordEvent } from "@/lib/audit/record";
import { openidIssuer } from "@/lib/clients/model";
import { getConfig } from "@/lib/platform/config";
import { type Context, systemContext } from "@/lib/platform/context";
import { makeKeyPair } from "@/lib/platform/key-pair";
import { open, seal } from "@/lib/platform/keys";
import { Fault, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { makeCertificate } from "./certificate";
import { deleteKeys, insertKey, lockKeys, type OpenidKeyRow, selectKeys } from "./key-store";
import { announcedSeconds, decideKeys } from "./model";

interface MadeKey {
  id: string;
  publicJwk: JWK;
  privateKey: KeyObject;
}

async function makeKey(): Promise<MadeKey> {
  const { publicKey, privateKey } = await makeKeyPair("rsa");
  const jwk = publicKey.export({ format: "jwk" }) as JWK;
  const id = await calculateJwkThumbprint(jwk);
  const certificate = makeCertificate({ publicKey, privateKey }, openidIssuer(getConfig().BASE_URL));
  const named = { ...jwk, kid: id, alg: "RS256", use: "sig", x5c: [certificate.toString("base64")] };
  return { id, publicJwk: named, privateKey };
}

async function addKey(tx: Tx, ctx: Context, { id, publicJwk, privateKey }: MadeKey): Promise<void> {
  const sealed = seal("openid-key", privateKey.export({ format: "der", type: "pkcs8" }), id);
  await insertKey(tx, { id, publicJwk, privateCipher: sealed.cipher, privateKeyId: sealed.keyId });
  await recordEvent(tx, ctx, { kind: "openid.key-made", outcome: "ok", target: { kind: "openid-key", id } });
}

/** The first key is made when it is first asked for: of any number who ask, one makes it. */
async function makeFirstKey(): Promise<void> {
  const made = await makeKey();
  await inTransaction(async (tx) => {
    await lockKeys(tx);
    if ((await selectKeys(tx)).keys.length === 0) await addKey(tx, systemContext("openid", made.id), made);
  });
}

/** Tells apart sets of keys: the same text, the same keys in the same turn. */
export interface PublishedKeys {
  name: string;
  /** The private halves, the one that signs first. */
  open(): JWK[];
}

/** Reads the keys that are published now, the one that signs first; makes one where there is none. */
export async function readPublishedKeys(): Promise<PublishedKeys> {
  let read = await inStatement(selectKeys);
  if (read.keys.length === 0) {
    await makeFirstKey();
    read = await inStatement(selectKeys);
  }
  const { published } = decideKeys(read.keys, read.now);
  if (published.length === 0) throw new Fault("there is no OpenID signing key");
  return { name: published.map(({ id }) => id).join(" "), open: () => published.map(toPrivateJwk) };
}

function toPrivateJwk({ id, publicJwk, privateCipher, privateKeyId }: OpenidKeyRow): JWK {
  const der = open("openid-key", { cipher: privateCipher, keyId: privateKeyId }, id);
  const key = createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  return { ...(key.export({ format: "jwk" }) as JsonWebKey as JWK), ...publicJwk };
}

/**
 * Makes the next key that ID tokens are signed with. It is published at once and signs after `announcedSeconds`, when everyone has
 * fetched it; the older one stays published until what it signed is over, and is deleted then by the sweep.
 * @param input.isCompromised somebody else has the key: the new one signs at once and the older ones go, with the tokens that they
 *   signed. Whoever keeps fetched keys, as Entra, refuses ours until it fetches anew.
 * @returns the new key's id and when it signs.
 * @throws {Denied} without `server:manage`.
 * @see audit `openid.key-made`, `openid.key-ended`
 */
export async function rotateOpenidKey(
  ctx: Context,
  { isCompromised }: { isCompromised: boolean },
): Promise<Success<{ id: string; signsAt: Date; ended: number }>> {
  await requirePermission(ctx, "server:manage");
  const made = await makeKey();
  return inTransaction(async (tx) => {
    await lockKeys(tx);
    const { keys } = await selectKeys(tx);
    const ended = isCompromised ? keys : [];
    await endKeys(tx, ctx, ended);
    await addKey(tx, ctx, made);
    const { keys: now } = await selectKeys(tx);
    const { createdAt } = now.find(({ id }) => id === made.id) ?? { createdAt: new Date() };
    const waits = now.length === 1 ? 0 : announcedSeconds;
    const signsAt = new Date(createdAt.getTime() + waits * 1000);
    return { ok: true, id: made.id, signsAt, ended: ended.length };
  });
}

/** Deletes the keys whose tokens are all over. */
export async function sweepOpenidKeys(tx: Tx, ctx: Context): Promise<void> {
  await lockKeys(tx);
  const { keys, now } = await selectKeys(tx);
  await endKeys(tx, ctx, decideKeys(keys, now).over);
}

async function endKeys(tx: Tx, ctx: Context, keys: readonly OpenidKeyRow[]): Promise<void> {
  await deleteKeys(
    tx,
    keys.map(({ id }) => id),
  );
  for (const { id } of keys)
    await recordEvent(tx, ctx, {
      kind: "openid.key-ended",
      outcome: "ok",
      target: { kind: "openid-key", id },
    });
}

import "server-only";
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { getConfig } from "./config";
import { Fault } from "./outcome";

/** What a derived key is for; no key serves two purposes. */
export type KeyPurpose =
  | "slot-seed"
  | "signing-key"
  | "totp"
  | "otp"
  | "short-code"
  | "subject"
  | "session"
  | "proof-of-work"
  | "access-token"
  | "ldap"
  | "openid-key"
  | "openid-cookie"
  | "webhook-secret";

const derived = new Map<string, Buffer>();

const keyIds = new WeakMap<Buffer, string>();

function keyIdOf(master: Buffer): string {
  const known = keyIds.get(master);
  if (known !== undefined) return known;
  const id = createHash("sha256").update("sparekey/key-id\0").update(master).digest("hex").slice(0, 16);
  keyIds.set(master, id);
  return id;
}

function masterOf(keyId: string): Buffer {
  const { SPAREKEY_MASTER_KEY: current, SPAREKEY_MASTER_KEY_PREVIOUS: previous } = getConfig();
  if (keyIdOf(current) === keyId) return current;
  if (previous !== undefined && keyIdOf(previous) === keyId) return previous;
  throw new Fault(
    `no master key with id ${keyId}: set SPAREKEY_MASTER_KEY_PREVIOUS to the one in use before`,
  );
}

function derive(purpose: KeyPurpose, keyId: string): Buffer {
  const name = `${keyId}/${purpose}`;
  const known = derived.get(name);
  if (known !== undefined) return known;
  const key = Buffer.from(hkdfSync("sha256", masterOf(keyId), "", `sparekey/v1/${purpose}`, 32));
  derived.set(name, key);
  return key;
}

/** The id of the master key in force, which every sealed row carries: 16 hex digits of a digest, public. */
export function currentKeyId(): string {
  return keyIdOf(getConfig().SPAREKEY_MASTER_KEY);
}

/** The ids of all master keys at hand, the one in force first. */
export function listKeyIds(): string[] {
  const { SPAREKEY_MASTER_KEY: current, SPAREKEY_MASTER_KEY_PREVIOUS: previous } = getConfig();
  return previous === undefined ? [keyIdOf(current)] : [keyIdOf(current), keyIdOf(previous)];
}

/**
 * Seals `plain` under AES-256-GCM with a random 96-bit nonce: nonce, tag, ciphertext in one run of bytes.
 * `boundTo` is authenticated besides: the same must be given to `open`.
 */
export function seal(
  purpose: KeyPurpose,
  plain: Uint8Array,
  boundTo: string,
): { cipher: Uint8Array; keyId: string } {
  const keyId = currentKeyId();
  const nonce = randomBytes(12);
  const gcm = createCipheriv("aes-256-gcm", derive(purpose, keyId), nonce);
  gcm.setAAD(Buffer.from(`${keyId}\0${boundTo}`));
  const body = Buffer.concat([gcm.update(plain), gcm.final()]);
  return { cipher: Buffer.concat([nonce, gcm.getAuthTag(), body]), keyId };
}

/**
 * Opens what `seal` closed.
 * @throws {Fault} where the key is not at hand, or the bytes or `boundTo` are not those that were sealed.
 */
export function open(
  purpose: KeyPurpose,
  sealed: { cipher: Uint8Array; keyId: string },
  boundTo: string,
): Uint8Array {
  const cipher = Buffer.from(sealed.cipher);
  const gcm = createDecipheriv("aes-256-gcm", derive(purpose, sealed.keyId), cipher.subarray(0, 12));
  gcm.setAAD(Buffer.from(`${sealed.keyId}\0${boundTo}`));
  gcm.setAuthTag(cipher.subarray(12, 28));
  try {
    return Buffer.concat([gcm.update(cipher.subarray(28)), gcm.final()]);
  } catch (cause) {
    throw new Fault(`sealed bytes for ${purpose} do not open`, { cause });
  }
}

/** HMAC-SHA-256 of `data` under the key for `purpose`; `keyId` names an earlier master key, the one in force without it. */
export function mac(
  purpose: KeyPurpose,
  data: string | Uint8Array,
  keyId: string = currentKeyId(),
): Uint8Array {
  return createHmac("sha256", derive(purpose, keyId)).update(data).digest();
}

/** SHA-256 of `text`: how a token of full strength is stored. */
export function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** A fresh secret of 256 random bits, base64url. */
export function randomToken(): string {
  return randomBytes(32).toString("base64url");
}

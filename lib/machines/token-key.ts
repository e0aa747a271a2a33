import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from "node:crypto";

// By node:crypto: the server and the agent derive it, a browser never does.

/** The key pair that an enrolment token stands for. */
export interface TokenKey {
  readonly privateKey: KeyObject;
  /** Ed25519, raw, base64url: it names the token where the token itself isn't told. */
  readonly publicKey: string;
}

const derOfRawPrivateKey = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * Derives the key pair of an enrolment token: HKDF-SHA-256 (RFC 5869) of its 128 random bits, for the signing key that it names,
 * is the seed of an Ed25519 key. Who has the token can sign a wish to enrol; who sees the wish, or what the server keeps, can't.
 * @param token of the shape of `enrolmentTokenSchema`.
 * @see offline, "Enrolment"
 */
export function deriveTokenKey(token: string): TokenKey {
  const [random = "", signingKeyId = ""] = token.split(".");
  const info = `sparekey-enrolment-token ${signingKeyId}`;
  const seed = Buffer.from(hkdfSync("sha256", Buffer.from(random, "base64url"), "", info, 32));
  const key = Buffer.concat([derOfRawPrivateKey, seed]);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const raw = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);
  return { privateKey, publicKey: raw.toString("base64url") };
}

import "server-only";
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { promisify } from "node:util";

const generate = promisify(generateKeyPair);

const encodings = {
  publicKeyEncoding: { format: "der", type: "spki" },
  privateKeyEncoding: { format: "der", type: "pkcs8" },
} as const;

/** What Node answers where `encodings` are asked for; its types don't say so. */
type Encoded = Record<"publicKey" | "privateKey", Buffer>;

const makers = {
  rsa: () => generate("rsa", { modulusLength: 2048, ...encodings }),
  p256: () => generate("ec", { namedCurve: "P-256", ...encodings }),
  ed25519: () => generate("ed25519", encodings),
};

/**
 * Makes a key pair: RSA of 2048 bits, ECDSA on P-256, or Ed25519.
 *
 * The keys that Node hands out of `generateKeyPair` share a lock with the job that made them. Exported as a JWK while the collector
 * takes that job away, such a key waits for its own lock, and the process stands still for ever: once in some ten thousand. So the pair
 * is written out, and read anew.
 */
export async function makeKeyPair(
  kind: keyof typeof makers,
): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  const { publicKey, privateKey } = (await makers[kind]()) as unknown as Encoded;
  return {
    publicKey: createPublicKey({ key: publicKey, format: "der", type: "spki" }),
    privateKey: createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" }),
  };
}

/** The public half of an Ed25519 pair, 32 bytes, whose private half is thrown away: nobody signs by it. */
export function makeNobodysKey(): Uint8Array {
  const { publicKey } = generateKeyPairSync("ed25519", encodings) as unknown as Encoded;
  return new Uint8Array(publicKey.subarray(-32));
}

import "server-only";
import { hashRaw } from "@node-rs/argon2";
import { anchorParameters, saltBytes } from "./chain";
import { assertLink } from "./format";

const argon2id = 2;
const version0x13 = 1;
const macBytes = 32;

/**
 * Computes a slot's anchor: Argon2id of `x_0`. Tens of milliseconds and 19 MiB, on a thread of libuv's pool.
 *
 * @param x0 The end of the chain, 65 bits in 9 bytes.
 * @param salt The slot's 16 bytes.
 * @returns 32 bytes.
 * @throws RangeError when an argument is of another size (as a rejection).
 * @see access-code, "The chain"
 */
export async function hashAnchor(x0: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  assertLink(x0);
  return argon2(x0, salt);
}

/**
 * Computes what a short code is judged by: Argon2id, as for an anchor, of the HMAC of its symbols.
 *
 * @param mac HMAC-SHA-256 of the 7 symbol values, one byte each, under a server key.
 * @param salt The code's own 16 bytes.
 * @returns 32 bytes.
 * @throws RangeError when an argument is of another size (as a rejection).
 * @see access-code, "The short code"
 */
export async function hashShort(mac: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  if (mac.length !== macBytes) throw new RangeError("An HMAC-SHA-256 is 32 bytes");
  return argon2(mac, salt);
}

async function argon2(password: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  if (salt.length !== saltBytes) throw new RangeError("A salt is 16 bytes");
  const hash = await hashRaw(password, {
    algorithm: argon2id,
    version: version0x13,
    timeCost: anchorParameters.passes,
    memoryCost: anchorParameters.memoryKibibytes,
    parallelism: anchorParameters.lanes,
    outputLen: anchorParameters.bytes,
    salt,
  });
  return Uint8Array.from(hash);
}

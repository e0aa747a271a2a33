import { createHash } from "node:crypto";

/**
 * Computes `x_index` from `x_(index+1)`, as anybody can who has read what the chain is: by the first 65 bits of SHA-256 over
 * label, salt, index and next link.
 * @see access-code, "The chain"
 */
export function stepLink(salt: Uint8Array, index: number, next: Uint8Array): Uint8Array {
  const digest = createHash("sha256")
    .update("emergency-access-code/v1\0")
    .update(salt)
    .update(Uint8Array.of(index >> 8, index & 255))
    .update(next)
    .digest("hex");
  return Uint8Array.from(Buffer.from((BigInt(`0x${digest}`) >> 191n).toString(16).padStart(18, "0"), "hex"));
}

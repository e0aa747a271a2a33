import { argon2id } from "hash-wasm";
import { anchorParameters } from "@/lib/codes/chain";
import type { HashAnchor } from "@/lib/codes/judge";

/**
 * Computes an anchor by Argon2id as WebAssembly, which lies inside the bundle: no native module needs to fit the machine.
 *
 * @see access-code, "The chain"
 */
export const hashAnchor: HashAnchor = (x0, salt) =>
  argon2id({
    password: x0,
    salt,
    iterations: anchorParameters.passes,
    memorySize: anchorParameters.memoryKibibytes,
    parallelism: anchorParameters.lanes,
    hashLength: anchorParameters.bytes,
    outputType: "binary",
  });

/** Remembers anchors while one code is judged: who lost a race to record and judges again need not compute them again. */
export function remembering(hash: HashAnchor): HashAnchor {
  const known = new Map<string, Promise<Uint8Array>>();
  return (x0, salt) => {
    const key = Buffer.concat([x0, salt]).toString("base64url");
    const anchor = known.get(key) ?? hash(x0, salt);
    known.set(key, anchor);
    return anchor;
  };
}

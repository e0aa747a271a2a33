import "server-only";
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { compactVerify } from "jose";
import { receiptSchema } from "@/lib/machines/wire";
import type { SignedReceipt } from "./chain-of-receipts";

/** base64url of SHA-256 of a receipt as signed. */
export function hashReceipt(jws: string): string {
  return createHash("sha256").update(jws).digest("base64url");
}

/** A machine's public key, of its raw 32 bytes. */
export function toPublicKey(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

/** The first year that can be stored; a clock that was set back to 1970 is far above it. */
const firstYear = "0001";

/** Reads a receipt that this machine signed; undefined: it is none. */
export async function readReceipt(
  jws: string,
  key: KeyObject,
  machineId: string,
): Promise<SignedReceipt | undefined> {
  try {
    const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ["EdDSA", "Ed25519"] });
    if (protectedHeader.typ !== "sparekey-receipt") return undefined;
    const said = receiptSchema.safeParse(
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)),
    );
    if (!said.success || said.data.machineId !== machineId || said.data.at < firstYear) return undefined;
    return { ...said.data, hash: hashReceipt(jws) };
  } catch {
    return undefined;
  }
}

import "server-only";
import { currentKeyId, mac } from "@/lib/platform/keys";
import { Fault, type Refusal, type Success } from "@/lib/platform/outcome";
import { hashAnchor, hashShort } from "./anchor";
import {
  expiryIndexFor,
  linkAt,
  offlineExpiry,
  randomSalt,
  randomSeed,
  randomShort,
  slotEpochOf,
  walkToZero,
} from "./chain";
import { expiryIndexMax, formatDecimal, formatShort, formatStandard } from "./format";
import { inHashQueue } from "./hash-queue";

/** A code that is not yet anybody's: its secret lives in memory only, and only as long as the act of issuing it. */
export type ForgedCode =
  | {
      readonly form: "standard";
      readonly salt: Uint8Array;
      readonly anchor: Uint8Array;
      readonly seed: Uint8Array;
    }
  | {
      readonly form: "short";
      readonly salt: Uint8Array;
      readonly anchor: Uint8Array;
      readonly keyId: string;
      readonly symbols: Uint8Array;
    };

/**
 * Draws a code and computes its anchor: the slow part of issuing, done before the transaction that needs it.
 *
 * @returns The code; `busy` where too many wait for Argon2id.
 * @see access-code, "The chain", "The short code"
 */
export async function forgeCode(
  form: ForgedCode["form"],
): Promise<Success<{ code: ForgedCode }> | Refusal<"busy">> {
  const salt = randomSalt();
  if (form === "short") {
    const symbols = randomShort();
    const keyId = currentKeyId();
    const hashed = await inHashQueue(() => hashShort(mac("short-code", symbols, keyId), salt), {
      isAhead: true,
    });
    return hashed.ok ? { ok: true, code: { form, salt, anchor: hashed.value, keyId, symbols } } : hashed;
  }
  const seed = randomSeed();
  const hashed = await inHashQueue(() => hashAnchor(walkToZero(salt, expiryIndexMax, seed), salt), {
    isAhead: true,
  });
  return hashed.ok ? { ok: true, code: { form, salt, anchor: hashed.value, seed } } : hashed;
}

/** The hours of a standard code that is issued. */
export interface SlotHours {
  readonly slotEpoch: Date;
  readonly expiryIndex: number;
  readonly offlineExpiresAt: Date;
}

/**
 * Fixes the hours of a code that lives online until `expiresAt`.
 * @param madeAt when the slot is made, which its epoch is the hour of; the epoch itself, of a slot that was made before.
 * @throws {Fault} where the slot's chain doesn't reach `expiresAt`.
 * @see access-code, "The chain": rounded up from the wanted expiry
 */
export function toSlotHours(madeAt: Date, expiresAt: Date): SlotHours {
  const slotEpoch = slotEpochOf(madeAt);
  const index = expiryIndexFor(slotEpoch, expiresAt);
  if (!index.ok) throw new Fault(`the slot does not carry this expiry: ${index.reason}`);
  return {
    slotEpoch,
    expiryIndex: index.expiryIndex,
    offlineExpiresAt: offlineExpiry(slotEpoch, index.expiryIndex),
  };
}

/** A code as it is shown, once: in the symbols of its form, and a standard one in digits too. */
export interface ShownCode {
  readonly text: string;
  /** null: a short code has no decimal form. */
  readonly decimal: string | null;
}

/**
 * Writes a forged code out, and wipes its secret: it can't be written a second time.
 * @param hours Of a standard code; null for a short one.
 */
export function revealCode(code: ForgedCode, hours: SlotHours | null): ShownCode {
  if (code.form === "short") {
    const text = formatShort(code.symbols);
    code.symbols.fill(0);
    return { text, decimal: null };
  }
  if (hours === null) throw new Fault("a standard code has a slot");
  const link = linkAt(code.salt, code.seed, hours.expiryIndex);
  code.seed.fill(0);
  return {
    text: formatStandard(hours.expiryIndex, link),
    decimal: formatDecimal(hours.expiryIndex, link),
  };
}

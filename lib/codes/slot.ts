import "server-only";
import { randomUUID } from "node:crypto";
import { open, seal } from "@/lib/platform/keys";
import { hashAnchor } from "./anchor";
import { randomSalt, randomSeed, slotEpochOf, walkToZero } from "./chain";
import { expiryIndexMax } from "./format";
import { behindHashQueue } from "./hash-queue";

/** What a slot's seed is bound to at rest (access-code, "At rest on the server"). */
export interface SlotIdentity {
  readonly slotId: string;
  readonly userId: string;
  readonly salt: Uint8Array;
  readonly slotEpoch: Date;
}

/** A seed at rest. */
export interface SealedSeed {
  readonly cipher: Uint8Array;
  readonly keyId: string;
}

/** A slot made ahead, its seed sealed: what the row holds, but for number and kind. */
export interface ForgedSlot extends SlotIdentity {
  readonly anchor: Uint8Array;
  readonly seed: SealedSeed;
}

/**
 * Draws a slot of a user for the hour that `now` lies in, computes its anchor behind everybody who waits for Argon2id, and
 * seals its seed. Outside of any transaction: it may take long.
 * @see access-code, "The chain", "At rest on the server"
 */
export async function forgeSlot(userId: string, now: Date): Promise<ForgedSlot> {
  const salt = randomSalt();
  const seed = randomSeed();
  const anchor = await behindHashQueue(() => hashAnchor(walkToZero(salt, expiryIndexMax, seed), salt));
  const identity = { slotId: randomUUID(), userId, salt, slotEpoch: slotEpochOf(now) };
  const sealed = sealSeed(identity, seed);
  seed.fill(0);
  return { ...identity, anchor, seed: sealed };
}

/** Seals a slot's seed: AES-256-GCM, bound to slot, user, salt and epoch. */
export function sealSeed(slot: SlotIdentity, seed: Uint8Array): SealedSeed {
  return seal("slot-seed", seed, toBinding(slot));
}

/**
 * Opens the seed of an open slot: `x_1023`, from which any code of the slot can be written. For the transaction that issues the
 * slot and deletes the seed, and for sealing it under another key.
 * @throws {Fault} where the key is not at hand, or the row was put together from others.
 */
export function openSeed(slot: SlotIdentity, sealed: SealedSeed): Uint8Array {
  return Uint8Array.from(open("slot-seed", sealed, toBinding(slot)));
}

function toBinding({ slotId, userId, salt, slotEpoch }: SlotIdentity): string {
  return [slotId, userId, Buffer.from(salt).toString("base64url"), slotEpoch.toISOString()].join("\0");
}

import "server-only";
import { randomUUID } from "node:crypto";
import { hashAnchor } from "./anchor";
import { randomSalt, randomSeed, slotEpochOf, walkToZero } from "./chain";
import { expiryIndexMax } from "./format";
import { behindHashQueue } from "./hash-queue";
import { type SlotOfSeed, sealSeed } from "./seal-seed";

/** A slot made ahead, its seed sealed: what the row holds, but for number and kind. */
export interface ForgedSlot extends SlotOfSeed {
  readonly anchor: Uint8Array;
  readonly seed: { readonly cipher: Uint8Array; readonly keyId: string };
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
  const identity = { id: randomUUID(), userId, salt, slotEpoch: slotEpochOf(now) };
  const sealed = sealSeed(identity, seed);
  seed.fill(0);
  return { ...identity, anchor, seed: sealed };
}

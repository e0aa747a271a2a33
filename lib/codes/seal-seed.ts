import "server-only";
import { open, seal } from "@/lib/platform/keys";

/** The slot that a seed belongs to: sealed to it, so that a row's bytes open in no other row. */
export interface SlotOfSeed {
  readonly id: string;
  readonly userId: string;
  readonly salt: Uint8Array;
  readonly slotEpoch: Date;
}

const bindingOf = ({ id, userId, salt, slotEpoch }: SlotOfSeed) =>
  [id, userId, Buffer.from(salt).toString("hex"), slotEpoch.toISOString()].join("\0");

/**
 * Seals the seed of an open slot under the master key in force, bound to slot, user, salt and epoch.
 * @see access-code, "At rest on the server"
 */
export function sealSeed(slot: SlotOfSeed, seed: Uint8Array): { cipher: Uint8Array; keyId: string } {
  return seal("slot-seed", seed, bindingOf(slot));
}

/**
 * Opens what `sealSeed` closed. The caller wipes the seed when the link was revealed.
 * @throws {Fault} where the key is not at hand, or the bytes were sealed for another slot.
 */
export function openSeed(slot: SlotOfSeed, sealed: { cipher: Uint8Array; keyId: string }): Uint8Array {
  return Uint8Array.from(open("slot-seed", sealed, bindingOf(slot)));
}

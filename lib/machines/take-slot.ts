import "server-only";
import { openSeed } from "@/lib/codes/slot";
import { Fault } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type { SlotKind } from "./holds";
import { findSlotToTake, markIssued, retireBelow, type WantedSlot } from "./take-slot-store";

/** A slot that was just issued: its seed is in memory only, for the one link that is revealed. */
export interface TakenSlot {
  readonly slotId: string;
  readonly number: number;
  readonly kind: SlotKind;
  readonly slotEpoch: Date;
  readonly salt: Uint8Array;
  readonly anchor: Uint8Array;
  readonly seed: Uint8Array;
}

/**
 * Takes a slot that was made ahead, for a code that is issued in this transaction: the lowest of the kind that the chosen machine
 * holds, else the lowest that any unexpired package holds, else the lowest that lies here.
 *
 * Numbers only rise: none is taken below one that was issued. Open slots below the one that is taken are skipped, and a
 * skipped slot is never issued any more: it is retired here and its seed deleted, since a machine that says yes to a
 * number closes all below it. The machines get others at their next sync. The seed of the taken slot is deleted in this
 * transaction too: from its commit on it is nowhere but in the answer, and its caller wipes it.
 *
 * @param at When the code is issued, by the database's clock. The caller holds the user's lock (`lockUser`).
 * @returns undefined: there is none, the code is made at issue.
 * @throws {Fault} where the seed doesn't open: its master key is not at hand.
 * @see offline, "Package"; access-code, "The chain", "At rest on the server"
 */
export async function takeSlot(tx: Tx, wanted: WantedSlot, at: Date): Promise<TakenSlot | undefined> {
  const found = await findSlotToTake(tx, wanted, { forIssue: true });
  if (found === undefined) return undefined;
  const { id, number, kind, slotEpoch, salt, anchor, seedCipher, seedKeyId } = found;
  if (seedCipher === null || seedKeyId === null) throw new Fault(`open slot ${id} has no seed`);
  const seed = openSeed(
    { slotId: id, userId: wanted.userId, salt, slotEpoch },
    { cipher: seedCipher, keyId: seedKeyId },
  );
  if (!(await markIssued(tx, id, at))) throw new Fault(`slot ${id} was taken under its lock`);
  await retireBelow(tx, wanted.userId, number, at);
  return { slotId: id, number, kind, slotEpoch, salt, anchor, seed };
}

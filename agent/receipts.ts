import type { Judgement } from "@/lib/codes/judge";
import type { Receipt } from "@/lib/machines/wire";
import { signJws, toPrivateKey } from "./jws";
import type { Head, Machine, Version } from "./state";

/** The last moment that ISO 8601 writes with four digits of a year. */
const latest = 253_402_300_799_999;

/**
 * Makes the receipt of a judgement: the next link of the machine's chain, signed by its key.
 *
 * @param after The last receipt so far.
 * @param version The package that it was judged by.
 * @param now By the machine's clock, however wrong.
 * @returns A compact JWS, `typ` `sparekey-receipt`.
 * @see offline, "Receipts"
 */
export function signReceipt(
  machine: Machine,
  after: Head,
  version: Version,
  judgement: Judgement,
  now: Date,
): string {
  const receipt: Receipt = {
    machineId: machine.machineId,
    seq: after.seq + 1,
    previous: after.hash,
    at: new Date(Math.min(Math.max(now.getTime(), 0), latest)).toISOString(),
    generation: version.generation,
    serial: version.serial,
    userId: judgement.userId,
    slotId: judgement.slotId,
    outcome: judgement.outcome,
    proof: judgement.proof === null ? null : Buffer.from(judgement.proof).toString("base64url"),
  };
  return signJws("sparekey-receipt", machine.machineId, receipt, toPrivateKey(machine.privateKey));
}

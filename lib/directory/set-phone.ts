import "server-only";
import type { Tx } from "@/lib/platform/transaction";
import { indexUsers } from "./index-users";
import type { PhoneChannel } from "./model";
import { putPhone, removePhone } from "./store";

/**
 * Sets a user's number of one channel, or takes it away, and keeps the look-up in step. No OTP goes to a number that was set while it
 * is held, and a later import leaves it, or that there is none, alone (limits, "a phone number changed by staff or by a key"; 63B, binding).
 * @param input.e164 null: there is to be none.
 * @param input.holdSeconds how long a number is held, from 7 days.
 * @param input.by the id of whoever set it.
 * @returns until when it is held; null where there is none.
 */
export async function setPhone(
  tx: Tx,
  input: { userId: string; channel: PhoneChannel; e164: string | null; by: string; holdSeconds: number },
): Promise<Date | null> {
  const heldUntil =
    input.e164 === null ? await removePhone(tx, input) : await putPhone(tx, { ...input, e164: input.e164 });
  await indexUsers(tx, [input.userId]);
  return heldUntil;
}

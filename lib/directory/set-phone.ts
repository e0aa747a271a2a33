import "server-only";
import type { Tx } from "@/lib/platform/transaction";
import { indexUsers } from "./index-users";
import type { PhoneChannel } from "./model";
import { deletePhone, putPhone } from "./store";

/** How long no OTP goes to a number that staff or a key set (limits, "a phone number changed by staff or by a key"; 63B, binding). */
const phoneHoldSeconds = 7 * 24 * 3600;

/**
 * Sets a user's number of one channel, or takes it away, and keeps the look-up in step. A number that is set is held for 7 days,
 * and a later import leaves it alone.
 * @param input.e164 null: there is to be none.
 * @param input.by the id of whoever set it.
 * @returns until when it is held; null where there is none.
 */
export async function setPhone(
  tx: Tx,
  input: { userId: string; channel: PhoneChannel; e164: string | null; by: string },
): Promise<Date | null> {
  const heldUntil =
    input.e164 === null
      ? await deletePhone(tx, input.userId, input.channel)
      : await putPhone(tx, { ...input, e164: input.e164, holdSeconds: phoneHoldSeconds });
  await indexUsers(tx, [input.userId]);
  return heldUntil;
}

import "server-only";
import type { PhoneChannel } from "@/lib/directory/model";
import { findUserDetails, lockUserDetails } from "@/lib/directory/store";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inTransaction, undoneByRefusal } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type ChangePhoneResult, changeNumber, recordUnchanged } from "./change-phone";
import type { ChangePhonesInput } from "./input";

/** A user's numbers, E.164, as they are now; or why none was changed, and which number it was. */
export type ChangePhonesResult =
  | Success<{ numbers: Readonly<Record<PhoneChannel, string | null>> }>
  | Refusal<
      Exclude<Exclude<ChangePhoneResult, { ok: true }>["reason"], "nothing_changed">,
      { channel: PhoneChannel }
    >;

/**
 * Changes several numbers of a user at once, all or none, each as `changePhone` does: held, and the old one told. A number that is
 * there already stays as it is, and is no refusal.
 *
 * @param input.numbers by channel; null: there is to be none; a channel that is left out stays.
 * @returns refusals as `changePhone` but `nothing_changed`, with the channel of the first that can't be.
 * @throws {Denied} without `phone:change`.
 * @see audit `phone.changed`, one for each; rest, 1 "phones"
 */
export async function changePhones(ctx: Context, input: ChangePhonesInput): Promise<ChangePhonesResult> {
  await requirePermission(ctx, "phone:change", { userId: input.userId });
  const { userId, numbers } = input;
  const changes = (["sms", "voice"] as const).flatMap((channel) => {
    const number = numbers[channel];
    return number === undefined ? [] : [{ userId, channel, number }];
  });
  return inTransaction(async (tx): Promise<ChangePhonesResult> => {
    const user = await lockUserDetails(tx, userId);
    const result = await undoneByRefusal(tx, async (inner): Promise<ChangePhonesResult> => {
      for (const change of changes) {
        const changed = await changeNumber(inner, ctx, user, change);
        if (!changed.ok && changed.reason !== "nothing_changed")
          return { ok: false, reason: changed.reason, channel: change.channel };
      }
      const now = (await findUserDetails(inner, userId))?.phones ?? [];
      const numberOf = (channel: PhoneChannel) =>
        now.find((phone) => phone.channel === channel)?.e164 ?? null;
      return { ok: true, numbers: { sms: numberOf("sms"), voice: numberOf("voice") } };
    });
    if (!result.ok)
      await recordUnchanged(tx, ctx, user, { userId, channel: result.channel, number: null }, result.reason);
    return result;
  });
}

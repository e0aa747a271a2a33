import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { parsePhone } from "@/lib/directory/phone";
import { lastTwo } from "@/lib/directory/record-phones";
import { setPhone } from "@/lib/directory/set-phone";
import { lockUserDetails, type UserRecord } from "@/lib/directory/store";
import { isYourself } from "@/lib/directory/yourself";
import { type Context, nameActor } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import { decideDestination } from "./destination";
import type { ChangePhoneInput } from "./input";
import { sendNotice } from "./notice";

/** What became of a wish to change a number. */
export type ChangePhoneResult =
  | Success<{ heldUntil: Date | null }>
  | Refusal<
      | "user_not_found"
      | "yourself"
      | "no_number"
      | "landline"
      | "country"
      | "number_barred"
      | "nothing_changed"
    >;

/**
 * Changes a user's phone number of one channel, or takes it away.
 *
 * No OTP goes to the new number for as long as the policy says, from 7 days, and the old one is told by text, where it takes texts: whoever talks staff into
 * changing a number wins nothing with the call. A later import from the directory leaves the number alone.
 *
 * @param input.number as people write it, with `+` and the country's code; null: there is to be none.
 * @returns until when the number is held, null where there is none now. Refusals: `user_not_found`; `yourself`; `no_number` (none
 *   that the numbering plan allows); `landline` (can't take texts); `country` (not allowed by policy); `number_barred` (premium,
 *   VoIP and the like); `nothing_changed`.
 * @throws {Denied} without `phone:change`, which helpdesk has not.
 * @see audit `phone.changed`, with the last two digits at most; limits, "a phone number changed by staff or by a key"
 */
export async function changePhone(ctx: Context, input: ChangePhoneInput): Promise<ChangePhoneResult> {
  await requirePermission(ctx, "phone:change", { userId: input.userId });
  return inTransaction(async (tx) => {
    const user = await lockUserDetails(tx, input.userId);
    const result = await changeNumber(tx, ctx, user, input);
    if (!result.ok) await recordUnchanged(tx, ctx, user, input, result.reason);
    return result;
  });
}

/** Logs that a number stays as it is, and why. @param user whose number it is, where there is anybody. */
export async function recordUnchanged(
  tx: Tx,
  ctx: Context,
  user: UserRecord | undefined,
  { channel }: ChangePhoneInput,
  reason: string,
): Promise<void> {
  await recordEvent(tx, ctx, {
    kind: "phone.changed",
    outcome: "refused",
    reason,
    userId: user?.id ?? null,
    userLabel: user?.displayName ?? null,
    details: { channel },
  });
}

/**
 * Changes the number of a user whom the caller has locked, as `changePhone`; a refusal is the caller's to log.
 * Records `phone.changed` where it did.
 */
export async function changeNumber(
  tx: Tx,
  ctx: Context,
  user: UserRecord | undefined,
  input: ChangePhoneInput,
): Promise<ChangePhoneResult> {
  const { userId, channel } = input;
  const { policy } = await getPolicy(tx);
  const decided = decide(ctx, user, input, policy.countries);
  if (!decided.ok) return decided;
  const { before, e164 } = decided;
  const heldUntil = await setPhone(tx, {
    userId,
    channel,
    e164,
    by: nameActor(ctx.actor),
    holdSeconds: policy.phoneHoldSeconds,
  });
  await recordEvent(tx, ctx, {
    kind: "phone.changed",
    outcome: "ok",
    userId,
    userLabel: decided.user.displayName,
    details: { channel, before: lastTwo(before), after: lastTwo(e164) },
  });
  await sendNotice(tx, ctx, {
    userId,
    kind: "phone_changed",
    exceptChannel: channel,
    toE164: before ?? undefined,
  });
  return { ok: true, heldUntil };
}

function decide(
  ctx: Context,
  user: UserRecord | undefined,
  { channel, number }: ChangePhoneInput,
  countries: readonly string[],
) {
  if (user === undefined) return refuse("user_not_found");
  if (isYourself(ctx.actor, user)) return refuse("yourself");
  const before = user.phones.find((phone) => phone.channel === channel)?.e164 ?? null;
  const phone = number === null ? null : parsePhone(number);
  if (phone === undefined) return refuse("no_number");
  const e164 = phone?.e164 ?? null;
  if (e164 === before) return refuse("nothing_changed");
  if (e164 !== null) {
    const destination = decideDestination(e164, countries);
    if (!destination.ok) return destination;
  }
  if (channel === "sms" && phone?.type === "FIXED_LINE") return refuse("landline");
  return { ok: true as const, user, before, e164 };
}

import "server-only";
import type { PhoneChannel } from "@/lib/directory/model";
import { parsePhone } from "@/lib/directory/phone";
import { findUserForAccess } from "@/lib/directory/store";
import { getNow } from "@/lib/platform/clock-store";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { Fault, type Success } from "@/lib/platform/outcome";
import { inStatement, type Tx } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { decideDestination } from "./destination";
import { handOver } from "./hand-over";
import { toDeliveryLanguage } from "./language";
import { type NoticeKind, noticeKinds, noticeText } from "./message";
import { toStrangersBudget } from "./model";
import type { TelephonyProvider } from "./provider";
import { queueDelivery, recordRefusedDelivery, takeBudget } from "./queue";
import { claimNotice, listEarlierSends, lockRecipient } from "./store";

/** More notices than this a day to one number, and the rest is only logged. */
const noticesPerDayMax = 20;

/** As many, where a stranger sets them off by typing wrong codes; and then only from the strangers' budget. */
const strangersNoticesPerDayMax = 3;

/** A notice is handed over again for this long. */
const noticeSecondsMax = 15 * 60;

/**
 * Tells a user by text what happened, at a number other than the one that carried the secret, if one is known that takes
 * texts and isn't held. What isn't sent, for want of money for instance, is logged and stops nothing. Of the day's money half is
 * for what strangers can set off: wrong codes, and access that a user was given without the desk.
 *
 * @param input.exceptChannel the channel whose number carried the secret, or was just set; left out: any number may be told.
 * @param input.lastChannel the channel whose number is told only where there is no other: it carried the secret of something that ended, not of all.
 * @param input.toE164 the number to tell if it takes texts, before the user's own ones: the old one after a change.
 * @returns the delivery, null where there is none.
 * @throws nothing of its own. Audit: `delivery.asked`.
 * @see limits, "notice to the user", "a phone number changed".
 */
export async function sendNotice(
  tx: Tx,
  ctx: Context,
  input: {
    userId: string;
    kind: NoticeKind;
    exceptChannel?: PhoneChannel | undefined;
    lastChannel?: PhoneChannel | undefined;
    toE164?: string | undefined;
  },
): Promise<Success<{ deliveryId: string | null }>> {
  const none = { ok: true, deliveryId: null } as const;
  const user = await findUserForAccess(tx, input.userId);
  if (user === undefined) return none;
  const now = await getNow(tx);
  const isLast = ({ channel }: { channel: PhoneChannel }) => Number(channel === input.lastChannel);
  const own = user.phones
    .filter((phone) => phone.heldUntil === null || phone.heldUntil <= now)
    .sort((a, b) => isLast(a) - isLast(b));
  const candidates = [
    ...(input.toE164 === undefined ? [] : [input.toE164]),
    ...own.map((phone) => phone.e164),
  ];
  const carrier = user.phones.find(({ channel }) => channel === input.exceptChannel);
  const toE164 = candidates.find((e164) => e164 !== carrier?.e164 && takesTexts(e164));
  if (toE164 === undefined) return none;

  const { policy } = await getPolicy(tx);
  const destination = decideDestination(toE164, policy.countries);
  const delivery = {
    purpose: "notice" as const,
    channel: "sms" as const,
    userId: user.id,
    grantId: null,
    challengeId: null,
    noticeKind: input.kind,
    toE164,
    country: destination.ok ? destination.country : null,
    language: toDeliveryLanguage(user.language),
  };
  const refuse = async (reason: string) => {
    await recordRefusedDelivery(tx, ctx, delivery, reason);
    return none;
  };
  if (!destination.ok) return refuse(destination.reason);
  await lockRecipient(tx, user.id, toE164);
  const earlier = await listEarlierSends(tx, { purpose: "notice", userId: user.id, toE164 });
  const byStranger = input.kind === "failures_burst";
  if (earlier.length >= (byStranger ? strangersNoticesPerDayMax : noticesPerDayMax))
    return refuse("send_limit");
  const budget = await takeBudget(
    tx,
    { channel: "sms", country: destination.country },
    byStranger || ctx.actor.kind === "user" ? toStrangersBudget(policy.budget) : policy.budget,
  );
  if (!budget.ok) return refuse(budget.reason);
  return { ok: true, deliveryId: await queueDelivery(tx, ctx, delivery) };
}

function takesTexts(e164: string): boolean {
  const type = parsePhone(e164)?.type;
  return type === "MOBILE" || type === "FIXED_LINE_OR_MOBILE";
}

/** Hands a queued notice over, if it is one: at most once, as `deliver` does an OTP. */
export async function deliverNotice(
  ctx: Context,
  deliveryId: string,
  provider: TelephonyProvider,
): Promise<void> {
  const notice = await inStatement((tx) => claimNotice(tx, deliveryId));
  if (notice === undefined) return;
  const { SPAREKEY_COMPANY: company, SPAREKEY_HELPDESK_PHONE: helpdeskPhone } = getConfig();
  const kind = noticeKinds.find((known) => known === notice.noticeKind);
  if (kind === undefined) throw new Fault("no text for a notice of this kind");
  const text = noticeText({ language: toDeliveryLanguage(notice.language), company, kind, helpdeskPhone });
  const claimed = {
    deliveryId,
    toE164: notice.toE164,
    handOvers: notice.attempts,
    secondsLeft: noticeSecondsMax,
  };
  await handOver(ctx, provider, claimed, { text });
}

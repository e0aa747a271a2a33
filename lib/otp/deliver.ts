import "server-only";
import { decideDestination } from "@/lib/delivery/destination";
import { type Claimed, type Content, handOver, recordFailed } from "@/lib/delivery/hand-over";
import { toDeliveryLanguage } from "@/lib/delivery/language";
import { otpCall, otpText } from "@/lib/delivery/message";
import { type DeliveryState, type FailureKind, sendableSecondsMin } from "@/lib/delivery/model";
import { deliverNotice } from "@/lib/delivery/notice";
import type { TelephonyProvider } from "@/lib/delivery/provider";
import { findMethodOff } from "@/lib/directory/method-off";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import type { Policy } from "@/lib/policy/model";
import { readPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import { drawDigits, toCodeHmac } from "./digits";
import { claimOtp, endUnsent, findWaiting, type WaitingOtp } from "./store";

/**
 * Hands a queued delivery to the provider: the one job of the queue. At most one text or call leaves per delivery, however
 * often this runs and wherever it is killed:
 *
 * 1. it draws the digits, which exist in this process's memory alone;
 * 2. it commits their HMAC and the state *sending*, by one conditional UPDATE from *queued*;
 * 3. it calls the provider;
 * 4. it records *sent*, *failed* or *unknown*.
 *
 * Killed before 2, nothing happened and the job runs again. Killed after 2, the delivery stays in *sending* until the sweep
 * calls it *unknown*; it is never sent again by itself. Only what was certainly not taken goes back to *queued*, with new
 * digits. A code that has been overtaken, is about to expire, whose grant has ended or number been changed, or whose method or country
 * the policy no longer allows isn't sent: *failed*, with the reason.
 *
 * @throws the database's errors: the queue runs the job again. Audit: `delivery.sent`, `delivery.failed`, `delivery.unknown`.
 * @see access-code, "OTP by SMS or voice".
 */
export async function deliver(
  ctx: Context,
  input: { deliveryId: string },
  provider: TelephonyProvider,
): Promise<void> {
  await requirePermission(ctx, "system:work");
  const { deliveryId } = input;
  const waiting = await inStatement((tx) => findWaiting(tx, deliveryId));
  if (waiting === undefined) return deliverNotice(ctx, deliveryId, provider);
  const claimed = toClaimed(deliveryId, waiting);
  const { policy } = await inStatement(readPolicy);
  const hindrance = findHindrance(waiting, policy);
  if (hindrance !== undefined) return giveUp(ctx, claimed, waiting, { from: ["queued"], failure: hindrance });

  const digits = drawDigits();
  const { challengeId, userId, channel } = waiting;
  const content = compose(waiting, digits);
  const proof = toCodeHmac({ id: challengeId, userId, channel }, digits);
  const held = await inStatement((tx) => claimOtp(tx, { deliveryId, challengeId, ...proof }));
  if (held === undefined) return;
  if (!held.isDrawn) return giveUp(ctx, claimed, waiting, { from: ["sending"], failure: "overtaken" });
  await handOver(ctx, provider, claimed, content, (tx) => endUnsent(tx, challengeId));
}

function toClaimed(deliveryId: string, waiting: WaitingOtp): Claimed {
  return {
    deliveryId,
    toE164: waiting.toE164,
    handOvers: waiting.attempts + 1,
    secondsLeft: waiting.secondsLeft - sendableSecondsMin,
  };
}

function findHindrance(waiting: WaitingOtp, policy: Policy): FailureKind | undefined {
  if (!waiting.isGrantLive) return "grant_ended";
  if (waiting.isEnded) return "overtaken";
  if (!waiting.isStillTheirs) return "number_changed";
  if (findMethodOff(policy, waiting.groups, waiting.channel) !== undefined) return "method_off";
  if (!decideDestination(waiting.toE164, policy.countries).ok) return "country_off";
  return waiting.secondsLeft < sendableSecondsMin ? "too_late" : undefined;
}

async function giveUp(
  ctx: Context,
  claimed: Claimed,
  { challengeId }: WaitingOtp,
  failed: { from: readonly DeliveryState[]; failure: FailureKind },
): Promise<void> {
  await inTransaction((tx) => recordFailed(tx, ctx, claimed, failed, () => endUnsent(tx, challengeId)));
}

function compose(waiting: WaitingOtp, digits: string): Content {
  const { SPAREKEY_COMPANY: company, BASE_URL } = getConfig();
  const message = {
    language: toDeliveryLanguage(waiting.language),
    company,
    code: digits,
    minutes: Math.max(1, Math.floor(waiting.secondsLeft / 60 + 0.5)),
  };
  return waiting.channel === "sms"
    ? { text: otpText({ ...message, host: new URL(BASE_URL).hostname }) }
    : { spoken: otpCall(message) };
}

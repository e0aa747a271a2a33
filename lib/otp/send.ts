import "server-only";
import { randomUUID } from "node:crypto";
import { decideDestination } from "@/lib/delivery/destination";
import { toDeliveryLanguage } from "@/lib/delivery/language";
import { decideOtpSend } from "@/lib/delivery/limits";
import { type Channel, type SendRules, toStrangersBudget } from "@/lib/delivery/model";
import { queueDelivery, recordRefusedDelivery, takeBudget } from "@/lib/delivery/queue";
import { listEarlierSends, lockRecipient } from "@/lib/delivery/store";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import { insertChallenge, readAskFacts } from "./store";

/** What is asked to be sent, and to whom. */
export interface ChallengeInput {
  /** The live grant that allows it. */
  grantId: string;
  userId: string;
  channel: Channel;
  /** The sign-in attempt that it belongs to; null: the desk sends it, and the first attempt that presents it has it. */
  attemptId: string | null;
  /** The user's number for the channel, as the caller read it. */
  toE164: string;
  /** BCP 47 of the user. */
  language: string | null;
  policy: SendRules;
}

/** Why no OTP is sent. */
export type SendRefusal =
  | "too_soon"
  | "send_limit"
  | "budget"
  | "country"
  | "number_barred"
  | "no_number"
  | "number_held";

type Answer = Success<{ isAgain: boolean }> | Refusal<SendRefusal, { retryAfterSeconds?: number }>;

/**
 * Asks for an OTP to be sent by text or call: challenge, delivery, job and event are there together or not at all. The
 * digits are drawn by the worker, just before it calls the provider. An earlier challenge of the same attempt and channel
 * ends (a resend is a new code); those of other attempts stay alive.
 *
 * Limits hold under any concurrency: asks for the same user or number wait for each other.
 *
 * @param input.policy `otp.ttlSeconds` (60 to 600), `otp.triesMax`, `sends`, `budget` (per UTC day), `countries`.
 * @returns refusals, each with its event: `too_soon` (the same attempt and channel asked less than `resendSeconds` ago) and
 *   `send_limit` (too many in ten minutes or a day to this user or number, for attempts or by the desk, which count apart), both
 *   with `retryAfterSeconds`; `budget` (the day's money is spent, or half of it, where the user began without the desk);
 *   `country` (not allowed); `number_barred` (premium, VoIP and the like); `no_number` (the user has none for the channel, another
 *   one by now, or no valid one); `number_held` (changed less than its hold ago).
 * @throws nothing of its own. Audit: `delivery.asked`.
 * @see limits, "SMS/voice OTP", "OTP sends", "money"; access-code, "OTP by SMS or voice".
 */
export async function sendChallenge(
  tx: Tx,
  ctx: Context,
  input: ChallengeInput,
): Promise<
  | Success<{ challengeId: string; deliveryId: string; expiresAt: Date }>
  | Refusal<SendRefusal, { retryAfterSeconds?: number }>
> {
  const { grantId, userId, channel, attemptId, toE164, policy } = input;
  const destination = decideDestination(toE164, policy.countries);
  const delivery = {
    purpose: "otp" as const,
    channel,
    userId,
    grantId,
    challengeId: randomUUID(),
    noticeKind: null,
    toE164,
    country: destination.ok ? destination.country : null,
    language: toDeliveryLanguage(input.language),
  };
  const answer: Answer = destination.ok ? await decide(tx, input, destination.country) : destination;
  if (!answer.ok) {
    await recordRefusedDelivery(tx, ctx, delivery, answer.reason);
    return answer;
  }
  const expiresAt = await insertChallenge(tx, {
    id: delivery.challengeId,
    grantId,
    userId,
    channel,
    attemptId,
    ...policy.otp,
  });
  const deliveryId = await queueDelivery(tx, ctx, delivery, answer.isAgain);
  return { ok: true, challengeId: delivery.challengeId, deliveryId, expiresAt };
}

async function decide(tx: Tx, input: ChallengeInput, country: string): Promise<Answer> {
  const { userId, channel, toE164, policy } = input;
  await lockRecipient(tx, userId, toE164);
  const facts = await readAskFacts(tx, input);
  if (facts.e164 !== toE164) return refuse("no_number");
  if (facts.isHeld) return refuse("number_held");
  const earlier = await listEarlierSends(tx, { purpose: "otp", userId, toE164 });
  const sends = decideOtpSend(policy.sends, earlier, input.attemptId === null, facts.lastAskedSeconds);
  if (!sends.ok) return sends;
  const rules = facts.isSelfService ? toStrangersBudget(policy.budget) : policy.budget;
  const budget = await takeBudget(tx, { channel, country }, rules);
  return budget.ok ? { ok: true, isAgain: facts.lastAskedSeconds !== null } : budget;
}

import "server-only";
import { recordRefusal } from "@/lib/audit/record";
import { findMethodOff } from "@/lib/directory/method-off";
import { findUserForAccess } from "@/lib/directory/store";
import type { Grant } from "@/lib/grants/model";
import { issueSelfService, type SelfServiceRefusal } from "@/lib/grants/self-service";
import { findLiveGrant } from "@/lib/grants/store";
import { sendChallenge } from "@/lib/otp/send";
import { isDeskOtpComing } from "@/lib/otp/store";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import { type OpenAsk, setAskOutcome, takeAsk } from "./ask-store";

/** What came of an ask: an OTP is on its way, or why none is. For the log alone. */
export type AskOutcome =
  | "sent"
  | "attempt_over"
  | "not_eligible"
  | "no_grant"
  | "no_number"
  | SelfServiceRefusal["reason"]
  | Exclude<Awaited<ReturnType<typeof sendChallenge>>, { ok: true }>["reason"];

/**
 * Finds out what to do about a text or call that was asked for, and has it sent (unless the desk just did: its digits are as good) where the user has a live grant of the
 * method, which the policy has not switched off since, or may begin at `/otp` without the desk and is given one now (`policy.selfService`, off by default): the job behind `selectChannel`, so that who asks can't tell by answer or time. Runs once an ask, whatever happens.
 *
 * @returns what came of it; undefined where the ask was taken up before.
 * @throws {Denied} for anybody but the system.
 * Records `delivery.asked`, `grant.issued`.
 * @see limits, last section: "runs the same course, sends nothing, and fails"
 */
export async function answerAsk(ctx: Context, input: { askId: string }): Promise<AskOutcome | undefined> {
  await requirePermission(ctx, "system:work");
  return inTransaction(async (tx) => {
    const ask = await takeAsk(tx, input.askId);
    if (ask === undefined) return undefined;
    const answered = await answer(tx, ctx, ask);
    const outcome = answered.ok ? "sent" : answered.reason;
    await setAskOutcome(tx, input.askId, outcome);
    return outcome;
  });
}

async function answer(
  tx: Tx,
  ctx: Context,
  ask: OpenAsk,
): Promise<Success | Refusal<Exclude<AskOutcome, "sent">>> {
  const user = ask.userId === null ? undefined : await findUserForAccess(tx, ask.userId);
  const event = {
    kind: "delivery.asked",
    userId: user?.id ?? null,
    userLabel: user?.displayName ?? null,
    target: { kind: "attempt", id: ask.attemptId },
    details: { channel: ask.channel },
  } as const;
  if (!ask.open) return recordRefusal(tx, ctx, event, refuse("attempt_over"));
  if (user === undefined || user.disabledAt !== null)
    return recordRefusal(tx, ctx, event, refuse("not_eligible"));
  const grant =
    (await findLiveGrant(tx, user.id, ask.channel)) ?? (await beginByThemselves(tx, ctx, ask, user.id));
  if (typeof grant === "string") return recordRefusal(tx, ctx, event, refuse(grant));
  const { policy } = await getPolicy(tx);
  if (findMethodOff(policy, user.groups, ask.channel) !== undefined)
    return recordRefusal(tx, ctx, event, refuse("method_off"));
  const phone = user.phones.find(({ channel }) => channel === ask.channel);
  if (phone === undefined) return recordRefusal(tx, ctx, event, refuse("no_number"));
  const { id: grantId } = grant;
  if (await isDeskOtpComing(tx, { grantId, channel: ask.channel }, policy.sends.resendSeconds))
    return recordRefusal(tx, ctx, event, refuse("too_soon"));
  return sendChallenge(tx, ctx, {
    grantId,
    userId: user.id,
    channel: ask.channel,
    attemptId: ask.attemptId,
    toE164: phone.e164,
    language: user.language,
    policy,
  });
}

/** At `/otp` a user whose group may begin without the desk is given a grant now; else the reason why there is none. */
async function beginByThemselves(
  tx: Tx,
  ctx: Context,
  ask: OpenAsk,
  userId: string,
): Promise<Grant | SelfServiceRefusal["reason"] | "no_grant"> {
  if (ask.door !== "otp_page") return "no_grant";
  const issued = await issueSelfService(tx, ctx, { userId, channel: ask.channel });
  if (issued.ok) return issued.grant;
  return issued.reason === "not_open" ? "no_grant" : issued.reason;
}

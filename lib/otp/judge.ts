import "server-only";
import { toEventRow } from "@/lib/audit/record";
import type { Channel } from "@/lib/delivery/model";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import { listProofs } from "./digits";
import { type OtpRefusal, toDigits } from "./model";
import { judge } from "./store";

/**
 * Judges the digits that an attempt presents, and spends the challenge if they are right: once, whoever else presents them
 * at the same moment. The use of the grant is counted apart. Right, wrong and nobody there take the same one statement,
 * which also writes the audit event.
 *
 * Taken are the code that this attempt asked for and one that the desk sent for a grant of this user; the latter belongs
 * from then on to this attempt. Wrong digits count against both.
 *
 * @param input.userId null for a name that nobody has: refused as `none`.
 * @param input.digits as typed: spaces, hyphens and digits of other scripts are taken.
 * @returns refusals: `wrong` (`triesLeft` is at least 1), `tried_out` (this was the last try, or it was dead by wrong tries),
 *   `expired`, `spent`, `none`. Nothing of this is for the eyes of a stranger.
 * @throws nothing of its own. Audit: `otp.judged`.
 * @see limits, "SMS/voice OTP", "OTP wrong tries"; access-code, "OTP by SMS or voice"; ASVS 6.5.1, 6.6.3.
 */
export async function judgeOtp(
  tx: Tx,
  ctx: Context,
  input: { userId: string | null; channel: Channel; attemptId: string; digits: string },
): Promise<
  | Success<{ grantId: string; challengeId: string }>
  | Refusal<OtpRefusal, { triesLeft: number; grantId: string | null }>
> {
  const { userId, channel, attemptId } = input;
  const verdict = await judge(
    tx,
    { userId, channel, attemptId, proofs: listProofs(userId, channel, toDigits(input.digits)) },
    toEventRow(ctx, {
      kind: "otp.judged",
      outcome: "ok",
      userId,
      target: { kind: "challenge", id: "" },
      details: { channel, attemptId },
    }),
  );
  if (verdict.reason !== null) {
    return refuse(verdict.reason, { triesLeft: verdict.tries_left, grantId: verdict.grant_id });
  }
  if (verdict.grant_id === null || verdict.challenge_id === null) throw new Error("right digits of no grant");
  return { ok: true, grantId: verdict.grant_id, challengeId: verdict.challenge_id };
}

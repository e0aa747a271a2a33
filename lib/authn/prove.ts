import "server-only";
import { toEventRow } from "@/lib/audit/record";
import { listProofs } from "@/lib/otp/digits";
import { toDigits } from "@/lib/otp/model";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { recordGone } from "./gone";
import { toStoredHolder } from "./holder";
import type { ProveAttemptInput } from "./input";
import type { AttemptChannel, AttemptMethod } from "./model";
import { judgeOtpInAttempt, peekAttempt, type StoredHolder } from "./store";

/** What became of a proof. Nothing in it tells a stranger whether the name exists. */
export type ProveResult =
  | Success<{ userId: string; grantId: string; method: AttemptMethod }>
  | Refusal<"wrong", { triesLeft: number }>
  | Refusal<"failed" | "gone" | "mistyped">
  | Refusal<"throttled", { retryAfterSeconds: number }>;

/**
 * Proves an attempt by an OTP or an access code: the one way in.
 *
 * An attempt succeeds once; with it the secret is spent and the grant used, all together or not at all.
 *
 * @param input.value as typed.
 * Refuses, the same for known names and others: `wrong` with the tries left (3 OTPs since the last text or call, by policy;
 *   5 access codes), `failed` where there are none left and the attempt is over, `gone` (unknown, over, expired, somebody
 *   else's, or out of turn).
 * Records `otp.judged`, `grant.redeemed`, `attempt.succeeded`, `attempt.failed`, `attempt.refused`.
 * @see limits, "OTP wrong tries", "wrong tries", "unknown names"; access-code, "Online"
 */
export async function proveAttempt(ctx: Context, input: ProveAttemptInput): Promise<ProveResult> {
  const holder = toStoredHolder(ctx, input.holder);
  if (holder === undefined) return inStatement((tx) => recordGone(tx, ctx, input.attemptId, holder));
  if (input.method === "access_code") return refuse("gone");
  return proveByOtp(ctx, input.attemptId, holder, input.method, input.value);
}

async function proveByOtp(
  ctx: Context,
  attemptId: string,
  holder: StoredHolder,
  channel: AttemptChannel,
  typed: string,
): Promise<ProveResult> {
  return inStatement(async (tx) => {
    const { policy } = await getPolicy(tx);
    const known = await peekAttempt(tx, attemptId, holder);
    if (known === undefined) return recordGone(tx, ctx, attemptId, holder);
    const target = { kind: "attempt", id: attemptId };
    const details = { channel, attemptId };
    const outcome = await judgeOtpInAttempt(
      tx,
      {
        attemptId,
        holder,
        channel,
        proofs: listProofs(known.userId, channel, toDigits(typed)),
        triesMax: policy.otp.triesMax,
      },
      {
        judged: toEventRow(ctx, {
          kind: "otp.judged",
          outcome: "ok",
          target: { kind: "challenge", id: "" },
          details,
        }),
        redeemed: toEventRow(ctx, { kind: "grant.redeemed", outcome: "ok", details: { method: channel } }),
        ended: toEventRow(ctx, {
          kind: "attempt.succeeded",
          outcome: "ok",
          target,
          details: { method: channel },
        }),
      },
    );
    if (outcome === undefined) return recordGone(tx, ctx, attemptId, holder);
    const { state, userId, grantId, triesLeft } = outcome;
    if (state === "succeeded" && userId !== null && grantId !== null)
      return { ok: true, userId, grantId, method: channel };
    return state === "open" ? refuse("wrong", { triesLeft }) : refuse("failed");
  });
}

import "server-only";
import { toEventRow } from "@/lib/audit/record";
import { type RedeemResult, redeemAccessCode } from "@/lib/grants/redeem";
import { listProofs } from "@/lib/otp/digits";
import { toDigits } from "@/lib/otp/model";
import type { Context } from "@/lib/platform/context";
import { assertNever, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { recordGone } from "./gone";
import { toStoredHolder } from "./holder";
import type { ProveAttemptInput } from "./input";
import { forgetAttempt, recallAttempt } from "./known-attempts";
import { type AttemptChannel, type AttemptMethod, codeTriesMax } from "./model";
import {
  countWrongCode,
  judgeOtpInAttempt,
  peekAttempt,
  type StoredHolder,
  spendInAttempt,
  takeAttempt,
} from "./store";
import { toSourceKey } from "./subject";

/** What became of a proof. Nothing in it tells a stranger whether the name exists. */
export type ProveResult =
  | Success<{ userId: string; grantId: string; method: AttemptMethod }>
  | Refusal<"wrong", { triesLeft: number; retryAfterSeconds?: number }>
  | Refusal<"failed" | "gone" | "mistyped">
  | Refusal<"throttled", { retryAfterSeconds: number }>;

/**
 * Proves an attempt by an OTP or an access code: the one way in.
 *
 * An attempt succeeds once; with it the secret is spent and the grant used, all together or not at all.
 *
 * @param input.value as typed.
 * Refuses, the same for known names and others: `wrong` with the tries left (3 OTPs since the last text or call, by policy;
 *   5 access codes), and how long to wait before the next one where that is needed; `failed` where there are none left and
 *   the attempt is over; `mistyped` (an access code with a slip of the finger: costs nothing); `throttled` (too many wrong
 *   codes for this name from this source, or too many at once: nothing was judged); `gone` (unknown, over, expired,
 *   somebody else's, or out of turn).
 * Records `grant.redeemed` for a success; `otp.judged`, `code.judged`, `code.throttled`, `attempt.failed`, `attempt.refused`.
 * @see limits, "OTP wrong tries", "wrong tries", "unknown names"; access-code, "Online"
 */
export async function proveAttempt(ctx: Context, input: ProveAttemptInput): Promise<ProveResult> {
  const { attemptId, method, value } = input;
  const holder = toStoredHolder(ctx, input.holder);
  if (holder === undefined) return inStatement((tx) => recordGone(tx, ctx, attemptId, holder));
  return method === "access_code"
    ? proveByCode(ctx, attemptId, holder, value)
    : proveByOtp(ctx, attemptId, holder, method === "otp" ? ["sms", "voice"] : [method], value);
}

async function proveByCode(
  ctx: Context,
  attemptId: string,
  holder: StoredHolder,
  typed: string,
): Promise<ProveResult> {
  const attempt = await inStatement((tx) => takeAttempt(tx, attemptId, holder));
  if (attempt === undefined) return inStatement((tx) => recordGone(tx, ctx, attemptId, holder));
  const { userId, userLabel, subjectKey } = attempt;
  const redeemed = await redeemAccessCode(
    ctx,
    { userId, userLabel, subjectKey, sourceKey: toSourceKey(ctx), input: typed, attemptId },
    spendInAttempt(attemptId),
  );
  const verdict = toVerdict(redeemed);
  if (verdict !== "wrong") return verdict;
  const failed = toEventRow(ctx, {
    kind: "attempt.failed",
    outcome: "refused",
    reason: "no_tries_left",
    userId,
    userLabel,
    target: { kind: "attempt", id: attemptId },
    details: { method: "access_code" },
  });
  return inStatement(async (tx) => {
    const count = await countWrongCode(tx, attemptId, codeTriesMax, failed);
    if (count === undefined) return recordGone(tx, ctx, attemptId, holder);
    return count.state === "failed" ? refuse("failed") : toWrong(count.triesLeft, redeemed);
  });
}

/** What a redemption means for its attempt; `wrong` is one that counts against it. */
export function toVerdict(
  redeemed: RedeemResult,
): Exclude<ProveResult, { reason: "wrong" | "failed" }> | "wrong" {
  if (redeemed.ok) {
    const { userId, grantId } = redeemed;
    return { ok: true, userId, grantId, method: "access_code" };
  }
  switch (redeemed.reason) {
    case "mistyped":
      return refuse("mistyped");
    case "throttled":
    case "busy":
      return refuse("throttled", { retryAfterSeconds: redeemed.retryAfterSeconds ?? 1 });
    case "wrong":
    case "none":
    case "expired":
    case "spent":
    case "revoked":
    case "replaced":
      return "wrong";
    default:
      return assertNever(redeemed.reason);
  }
}

/** A wrong try with the tries left, and the wait that the redemption led to. */
export function toWrong(triesLeft: number, redeemed: RedeemResult): ProveResult {
  const wait = redeemed.ok ? undefined : redeemed.retryAfterSeconds;
  return refuse("wrong", wait === undefined ? { triesLeft } : { triesLeft, retryAfterSeconds: wait });
}

async function proveByOtp(
  ctx: Context,
  attemptId: string,
  holder: StoredHolder,
  channels: readonly AttemptChannel[],
  typed: string,
): Promise<ProveResult> {
  return inStatement(async (tx) => {
    const { policy } = await getPolicy(tx);
    const recalled = recallAttempt(attemptId);
    const known = recalled === undefined ? await peekAttempt(tx, attemptId, holder) : { userId: recalled };
    if (known === undefined) return recordGone(tx, ctx, attemptId, holder);
    const outcome = await judgeOtpInAttempt(
      tx,
      {
        attemptId,
        holder,
        proofs: listProofs(known.userId, channels, toDigits(typed)),
        triesMax: policy.otp.triesMax,
      },
      toEventRow(ctx, {
        kind: "otp.judged",
        outcome: "ok",
        target: { kind: "attempt", id: attemptId },
      }),
    );
    if (outcome === undefined) return recordGone(tx, ctx, attemptId, holder);
    const { state, userId, grantId, method, triesLeft } = outcome;
    if (state !== "open") forgetAttempt(attemptId);
    if (state === "succeeded" && userId !== null && grantId !== null && method !== null)
      return { ok: true, userId, grantId, method };
    return state === "open" ? refuse("wrong", { triesLeft }) : refuse("failed");
  });
}

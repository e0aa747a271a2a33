import "server-only";
import type { EventInput } from "@/lib/audit/model";
import { toEventRow } from "@/lib/audit/record";
import { redeemAccessCode } from "@/lib/grants/redeem";
import { listProofs } from "@/lib/otp/digits";
import { toDigits } from "@/lib/otp/model";
import type { Context } from "@/lib/platform/context";
import { assertNever, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { recordGone } from "./gone";
import { toStoredHolder } from "./holder";
import type { ProveAttemptInput } from "./input";
import { type AttemptChannel, type AttemptMethod, codeTriesMax, type TakenAttempt } from "./model";
import {
  countWrong,
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
 * @param begun the attempt, where this very call began it.
 * Refuses, the same for known names and others: `wrong` with the tries left (3 OTPs since the last text or call, by policy;
 *   5 access codes), and how long to wait before the next one where that is needed; `failed` where there are none left and
 *   the attempt is over; `mistyped` (an access code with a slip of the finger: costs nothing); `throttled` (too many wrong
 *   codes for this name from this source, or too many at once: nothing was judged); `gone` (unknown, over, expired,
 *   somebody else's, or out of turn).
 * Records `otp.judged`, `code.judged`, `code.throttled`, `grant.redeemed`, `attempt.succeeded`, `attempt.failed`,
 *   `attempt.refused`.
 * @see limits, "OTP wrong tries", "wrong tries", "unknown names"; access-code, "Online"
 */
export async function proveAttempt(
  ctx: Context,
  input: ProveAttemptInput,
  begun?: TakenAttempt,
): Promise<ProveResult> {
  const { attemptId, method, value } = input;
  const holder = toStoredHolder(ctx, input.holder);
  if (holder === undefined) return inStatement((tx) => recordGone(tx, ctx, attemptId, holder));
  if (method !== "access_code") return proveByOtp(ctx, attemptId, holder, method, value);
  const attempt = begun ?? (await inStatement((tx) => takeAttempt(tx, attemptId, holder)));
  if (attempt === undefined) return inStatement((tx) => recordGone(tx, ctx, attemptId, holder));
  return proveByCode(ctx, attempt, holder, value);
}

async function proveByCode(
  ctx: Context,
  attempt: TakenAttempt,
  holder: StoredHolder,
  typed: string,
): Promise<ProveResult> {
  const { id, userId, userLabel, subjectKey } = attempt;
  const ended: EventInput = {
    kind: "attempt.succeeded",
    outcome: "ok",
    userId,
    userLabel,
    target: { kind: "attempt", id },
    details: { method: "access_code" },
  };
  const redeemed = await redeemAccessCode(
    ctx,
    { userId, userLabel, subjectKey, sourceKey: toSourceKey(ctx), input: typed, attemptId: id },
    spendInAttempt(id, toEventRow(ctx, ended)),
  );
  if (redeemed.ok)
    return userId === null
      ? refuse("gone")
      : { ok: true, userId, grantId: redeemed.grantId, method: "access_code" };
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
      return inStatement(async (tx) => {
        const failed = toEventRow(ctx, {
          ...ended,
          kind: "attempt.failed",
          outcome: "refused",
          reason: "no_tries_left",
        });
        const count = await countWrong(tx, id, "access_code", codeTriesMax, failed);
        if (count === undefined) return recordGone(tx, ctx, id, holder);
        if (count.state === "failed") return refuse("failed");
        const { triesLeft } = count;
        const { retryAfterSeconds } = redeemed;
        return refuse(
          "wrong",
          retryAfterSeconds === undefined ? { triesLeft } : { triesLeft, retryAfterSeconds },
        );
      });
    default:
      return assertNever(redeemed.reason);
  }
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

import "server-only";
import { redeemAccessCode } from "@/lib/grants/redeem";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import type { BeginAttemptInput } from "./input";
import { codeTriesMax } from "./model";
import { toNewAttempt } from "./new-attempt";
import { type ProveResult, toVerdict, toWrong } from "./prove";
import { insertTriedAttempt, spendInNewAttempt } from "./store";
import { toSourceKey } from "./subject";

/**
 * Begins an attempt of a relying system and proves it by an access code in the same call.
 *
 * Promises what `beginAttempt` and `proveAttempt` do, in fewer statements: the attempt is written with the redemption, as
 * proved, or after it, open and with one wrong try. The events of the redemption tell of it; it has none of its own.
 *
 * @param value the access code, as typed.
 * Refuses as `proveAttempt` does, but for `failed` and `gone`.
 * Records `grant.redeemed`, `code.judged`, `code.throttled`.
 * @see rest, 2 "initialize": "then it verifies in the same call"
 */
export async function beginAndProve(
  ctx: Context,
  input: BeginAttemptInput,
  value: string,
): Promise<{ attemptId: string; result: ProveResult }> {
  const row = toNewAttempt(ctx, input, null);
  const { id: attemptId, subjectName, subjectKey } = row;
  const redeemed = await redeemAccessCode(
    ctx,
    { subjectName, subjectKey, sourceKey: toSourceKey(ctx), input: value, attemptId },
    spendInNewAttempt(row),
  );
  const verdict = toVerdict(redeemed);
  if (verdict !== "wrong" && verdict.ok) return { attemptId, result: verdict };
  const isWrong = verdict === "wrong";
  await inStatement((tx) => insertTriedAttempt(tx, row, isWrong ? 1 : 0));
  return { attemptId, result: isWrong ? toWrong(codeTriesMax - 1, redeemed) : verdict };
}

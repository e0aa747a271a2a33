import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { toCountKey } from "./count-key";
import { askRates } from "./model";
import { judgeSolution } from "./proof";
import { countUpTo, spendProof } from "./store";

/**
 * Lets somebody ask for a text or a call: freely below the rate, above it for a proof of work.
 *
 * Asks are counted by network and in total in the database, so that several instances agree; what is refused counts nowhere, so one
 * network takes up no more of the total than its own rate. A proof is good once, in the
 * attempt that it was made for, for five minutes. Knows no name, so it is the same for names that exist and others.
 * @param input.attemptId what the proof must have been made for.
 * @param input.solution as the browser sent it, or null.
 * Refuses `proof_needed`: the rate is exceeded, and there is no proof, or not a good one, or one that was used before.
 * @see limits, "money"
 */
export async function admitAsk(
  ctx: Context,
  input: { attemptId: string; solution: string | null },
): Promise<Success | Refusal<"proof_needed">> {
  if (input.solution !== null) {
    const judged = await judgeSolution(input.solution, input.attemptId);
    if (judged === undefined) return refuse("proof_needed");
    const { nonce, expiresAtSeconds } = judged;
    const spent = await inStatement((tx) => spendProof(tx, nonce, expiresAtSeconds));
    return spent ? { ok: true } : refuse("proof_needed");
  }
  const isFree = await inTransaction(
    async (tx) =>
      (await countUpTo(tx, toCountKey(ctx, "ask"), askRates.fromOneNetwork)) === 0 &&
      (await countUpTo(tx, "ask", askRates.inTotal)) === 0,
  );
  return isFree ? { ok: true } : refuse("proof_needed");
}

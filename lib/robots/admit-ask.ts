import "server-only";
import { recordRefusedRequest } from "@/lib/audit/record-refused-request";
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
 * @see limits, "money"; audit `request.refused`
 */
export async function admitAsk(
  ctx: Context,
  input: { attemptId: string; solution: string | null },
): Promise<Success | Refusal<"proof_needed">> {
  const { attemptId, solution } = input;
  if (await (solution === null ? isFree(ctx) : isProof(solution, attemptId))) return { ok: true };
  await recordRefusedRequest(ctx, "proof_needed", "ask");
  return refuse("proof_needed");
}

function isFree(ctx: Context): Promise<boolean> {
  return inTransaction(
    async (tx) =>
      (await countUpTo(tx, toCountKey(ctx, "ask"), askRates.fromOneNetwork)) === 0 &&
      (await countUpTo(tx, "ask", askRates.inTotal)) === 0,
  );
}

async function isProof(solution: string, attemptId: string): Promise<boolean> {
  const judged = await judgeSolution(solution, attemptId);
  if (judged === undefined) return false;
  return inStatement((tx) => spendProof(tx, judged.nonce, judged.expiresAtSeconds));
}

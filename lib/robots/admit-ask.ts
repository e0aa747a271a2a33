import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { toCountKey } from "./count-key";
import { decideProofNeeded } from "./model";
import { judgeSolution } from "./proof";
import { countOnce, spendProof } from "./store";

/**
 * Lets somebody ask for a text or a call: freely below the rate, above it for a proof of work.
 *
 * Asks are counted by network and in total in the database, so that several instances agree. A proof is good once, in the
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
  const [own, all] = [toCountKey(ctx, "ask"), "ask"];
  const counted = await inTransaction((tx) => countOnce(tx, [own, all]));
  const needed = decideProofNeeded({
    fromOneNetwork: counted.get(own) ?? 0,
    inTotal: counted.get(all) ?? 0,
  });
  return needed ? refuse("proof_needed") : { ok: true };
}

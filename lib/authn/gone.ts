import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import { explainGone, type StoredHolder } from "./store";

/**
 * Records that somebody came with an attempt that isn't to be had (`attempt.refused`, with why), and answers `gone`: what the
 * caller hears is the same for all reasons.
 */
export async function recordGone(
  tx: Tx,
  ctx: Context,
  attemptId: string,
  holder: StoredHolder | undefined,
): Promise<Refusal<"gone">> {
  await recordEvent(tx, ctx, {
    kind: "attempt.refused",
    outcome: "refused",
    reason: holder === undefined ? "not_yours" : await explainGone(tx, attemptId, holder),
    target: { kind: "attempt", id: attemptId },
  });
  return refuse("gone");
}

import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { recordGone } from "./gone";
import { toStoredHolder } from "./holder";
import type { CancelAttemptInput } from "./input";
import { setCancelled, takeAttempt } from "./store";

/**
 * Cancels an open attempt: nothing can be proved in it any more.
 *
 * @param input.reason whether a person gave up or the time was over.
 * Refuses `gone` (unknown, over, expired, somebody else's, or out of turn).
 * Records `attempt.cancelled`, `attempt.refused`.
 * @see rest, 2 "cancel"
 */
export async function cancelAttempt(
  ctx: Context,
  input: CancelAttemptInput,
): Promise<Success | Refusal<"gone">> {
  const holder = toStoredHolder(ctx, input.holder);
  return inTransaction(async (tx) => {
    const attempt = holder && (await takeAttempt(tx, input.attemptId, holder));
    if (attempt === undefined) return recordGone(tx, ctx, input.attemptId, holder);
    await setCancelled(tx, attempt.id);
    await recordEvent(tx, ctx, {
      kind: "attempt.cancelled",
      outcome: "ok",
      userId: attempt.userId,
      userLabel: attempt.userLabel,
      target: { kind: "attempt", id: attempt.id },
      details: { reason: input.reason, subject: attempt.subjectKey },
    });
    return { ok: true };
  });
}

import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { recordGone } from "./gone";
import { type CollectedAttempt, collectAttempt } from "./outcome-store";

/**
 * Tells a relying system what became of an attempt that it asked to keep: as often as it likes while it is open, and once
 * when it is over.
 *
 * Refuses `gone`: unknown, another client's, not kept, or told before.
 * Records `attempt.refused` for a refusal.
 * @see rest, 2 "status"
 */
export async function collectStatus(
  ctx: Context,
  input: { attemptId: string },
): Promise<Success<{ attempt: CollectedAttempt }> | Refusal<"gone">> {
  if (ctx.actor.kind !== "client") return refuse("gone");
  const { clientId } = ctx.actor;
  return inStatement(async (tx) => {
    const attempt = await collectAttempt(tx, input.attemptId, clientId);
    return attempt === undefined
      ? recordGone(tx, ctx, input.attemptId, { kind: "owner", clientId })
      : { ok: true, attempt };
  });
}

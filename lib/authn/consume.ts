import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import type { ConsumeAttemptInput } from "./input";
import { type AttemptMethod, consumeSecondsMax } from "./model";
import { consumeSucceeded } from "./outcome-store";

/**
 * Tells an application on this server who succeeded at `/otp`: once, to the browser that did, within two minutes.
 *
 * Of any number of calls for one attempt one is answered, so that a link that was overheard or kept opens nothing.
 * Refuses `gone`: unknown, not succeeded, another browser's, for another application, told before, too long ago, or meanwhile
 * the user was disabled, the grant was revoked or replaced, what it opened was closed, or its window is over.
 * @see audit `attempt.consumed`; limits, "SMS/voice OTP"; product, "/otp"
 */
export async function consumeAttempt(
  ctx: Context,
  { attemptId, holder, application }: ConsumeAttemptInput,
): Promise<Success<{ userId: string; displayName: string; method: AttemptMethod }> | Refusal<"gone">> {
  return inTransaction(async (tx) => {
    const proven = await consumeSucceeded(
      tx,
      attemptId,
      digest(holder.secret),
      application,
      consumeSecondsMax,
    );
    const opened = proven?.isGrantOpen ? proven : undefined;
    await recordEvent(tx, ctx, {
      kind: "attempt.consumed",
      ...(opened === undefined ? { outcome: "refused", reason: "gone" } : { outcome: "ok" }),
      userId: proven?.userId ?? null,
      grantId: proven?.grantId ?? null,
      target: { kind: "attempt", id: attemptId },
      details: { application },
    });
    if (opened === undefined) return refuse("gone");
    const { userId, displayName, method } = opened;
    return { ok: true, userId, displayName, method };
  });
}

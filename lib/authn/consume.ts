import "server-only";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import type { ConsumeAttemptInput } from "./input";
import { type AttemptMethod, consumeSecondsMax } from "./model";
import { consumeSucceeded } from "./outcome-store";

/**
 * Tells an application on this server who succeeded at `/otp`: once, to the browser that did, within two minutes.
 *
 * Of any number of calls for one attempt one is answered, so that a link that was overheard or kept opens nothing.
 * Refuses `gone`: unknown, not succeeded, another browser's, for another application, told before, too long ago, or the user
 * was disabled meanwhile.
 * @see limits, "SMS/voice OTP"; product, "/otp"
 */
export async function consumeAttempt(
  _ctx: Context,
  input: ConsumeAttemptInput,
): Promise<Success<{ userId: string; displayName: string; method: AttemptMethod }> | Refusal<"gone">> {
  const proven = await inStatement((tx) =>
    consumeSucceeded(tx, input.attemptId, digest(input.holder.secret), input.application, consumeSecondsMax),
  );
  return proven === undefined ? refuse("gone") : { ok: true, ...proven };
}

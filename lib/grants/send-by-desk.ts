import "server-only";
import type { UserForAccess } from "@/lib/directory/model";
import { sendChallenge } from "@/lib/otp/send";
import type { Context } from "@/lib/platform/context";
import { assertNever, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type { Policy } from "@/lib/policy/model";
import { decidePhone, type PhoneRefusal } from "./decide";

/** Why the desk's text or call doesn't go out now. */
export type DeskSendRefusal =
  | PhoneRefusal
  | Refusal<"too_soon" | "send_limit" | "budget", { retryAfterSeconds?: number }>;

/** Sends a text, or calls, for a grant without an attempt: the first one that presents its digits has them. */
export async function sendByDesk(
  tx: Tx,
  ctx: Context,
  user: UserForAccess,
  grant: { id: string; method: "sms" | "voice" },
  { policy, now }: { policy: Policy; now: Date },
): Promise<Success<{ deliveryId: string }> | DeskSendRefusal> {
  const decided = decidePhone(policy, user.phones, grant.method, now);
  if (!decided.ok) return decided;
  const sent = await sendChallenge(tx, ctx, {
    grantId: grant.id,
    userId: user.id,
    channel: grant.method,
    attemptId: null,
    toE164: decided.phone.e164,
    language: user.language,
    policy,
  });
  if (sent.ok) return sent;
  switch (sent.reason) {
    case "too_soon":
    case "send_limit":
    case "budget":
      return { ...sent, reason: sent.reason };
    case "no_number":
    case "number_held":
    case "country":
    case "number_barred":
      return refuse("no_number");
    default:
      return assertNever(sent.reason);
  }
}

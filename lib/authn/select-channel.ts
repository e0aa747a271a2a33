import "server-only";
import { randomUUID } from "node:crypto";
import { recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { decideAsk } from "./ask-limits";
import { insertAsk, listAsks, lockSubject } from "./ask-store";
import { enqueueAsk } from "./enqueue-ask";
import { recordGone } from "./gone";
import { toStoredHolder } from "./holder";
import type { SelectChannelInput } from "./input";
import { takeAttempt } from "./store";
import { toSourceKey } from "./subject";

/** What came of asking for a text or a call. `gone`: no such open attempt of this holder. */
export type SelectChannelResult =
  | Success<{ resendSeconds: number }>
  | Refusal<"gone">
  | Refusal<"too_soon" | "send_limit", { retryAfterSeconds: number }>;

/**
 * Asks for a text or a call in an attempt.
 *
 * Says nothing of whether anything is sent: known, unknown and ineligible names leave the same rows by the same statements,
 * and a job (`answerAsk`) finds out what to do. The limits count by name and by where the ask comes from, as those of wrong
 * codes do, so that a stranger's asks aren't the user's (limits, "OTP sends", "unknown names"); those by user, number and money
 * are judged by the job and stay unsaid.
 *
 * Refuses `gone` (unknown, over, expired, somebody else's, or out of turn), and, the same for everyone, `too_soon` (30 s
 * between resends) and `send_limit` (in ten minutes 3 in this name from this source, or 30 in this name), both with the
 * seconds to wait.
 * Records `delivery.asked` for a refusal, `attempt.refused` for `gone`; for what is asked the job does.
 */
export async function selectChannel(ctx: Context, input: SelectChannelInput): Promise<SelectChannelResult> {
  const holder = toStoredHolder(ctx, input.holder);
  return inTransaction(async (tx) => {
    const attempt = holder && (await takeAttempt(tx, input.attemptId, holder));
    if (attempt === undefined) return recordGone(tx, ctx, input.attemptId, holder);
    const { policy } = await getPolicy(tx);
    await lockSubject(tx, attempt.subjectKey);
    const asks = await listAsks(tx, attempt.subjectKey, attempt.id, input.channel);
    const sourceKey = toSourceKey(ctx);
    const decision = decideAsk(
      policy.sends,
      asks,
      sourceKey,
      asks.find(({ same }) => same)?.ageSeconds ?? null,
    );
    if (!decision.ok) {
      const event = {
        kind: "delivery.asked",
        userId: attempt.userId,
        userLabel: attempt.userLabel,
        target: { kind: "attempt", id: attempt.id },
        details: { channel: input.channel, subject: attempt.subjectKey },
      } as const;
      return recordRefusal(tx, ctx, event, decision);
    }
    const askId = randomUUID();
    await insertAsk(tx, { id: askId, attempt, sourceKey, channel: input.channel });
    await enqueueAsk(tx, ctx, askId);
    return { ok: true, resendSeconds: policy.sends.resendSeconds };
  });
}

import "server-only";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { inStatement } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import type { ReadAttemptInput } from "./input";
import type { AttemptChannel, AttemptMethod, AttemptState } from "./model";
import { findAttempt } from "./outcome-store";

/** An attempt as the browser that holds it may see it: the same for known names and others until it has succeeded. */
export interface AttemptView {
  attemptId: string;
  /** As it was typed. */
  subjectName: string;
  /** For which application; null: none was named. */
  application: string | null;
  /** `expired`: its time is over without an end. */
  state: AttemptState | "expired";
  /** What was asked for last; whether anything was sent is not said. */
  channel: AttemptChannel | null;
  /** In how many seconds the same channel may be asked for again; 0: now. */
  resendInSeconds: number;
  expiresAt: Date;
  /** Who signed in and how; null unless `succeeded`. */
  proven: { userId: string; displayName: string; method: AttemptMethod } | null;
}

/**
 * Reads an attempt at `/otp` for the browser that holds it; undefined where it isn't that browser's, or isn't there.
 * Tells nothing about the user before the attempt has succeeded.
 */
export async function readAttempt(_ctx: Context, input: ReadAttemptInput): Promise<AttemptView | undefined> {
  return inStatement(async (tx) => {
    const row = await findAttempt(tx, input.attemptId, digest(input.holder.secret));
    if (row === undefined) return undefined;
    const { policy } = await getPolicy(tx);
    const { id, subjectName, application, state, channel, channelAgeSeconds, expiresAt } = row;
    const { userId, userLabel, method } = row;
    return {
      attemptId: id,
      subjectName,
      application,
      state,
      channel,
      resendInSeconds:
        channelAgeSeconds === null
          ? 0
          : Math.max(0, Math.ceil(policy.sends.resendSeconds - channelAgeSeconds)),
      expiresAt,
      proven:
        userId === null || userLabel === null || method === null
          ? null
          : { userId, displayName: userLabel, method },
    };
  });
}

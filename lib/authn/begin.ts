import "server-only";
import { toEventRow } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { randomToken } from "@/lib/platform/keys";
import { inStatement } from "@/lib/platform/transaction";
import type { BeginAttemptInput } from "./input";
import { rememberAttempt } from "./known-attempts";
import { toNewAttempt } from "./new-attempt";
import { insertAttempt } from "./store";

/** An attempt just begun. */
export interface BegunAttempt {
  attemptId: string;
  expiresAt: Date;
  /** Of `/otp`: what the browser's cookie holds, shown once and stored as a digest. null at the Authentication API. */
  secret: string | null;
}

/**
 * Begins an attempt to sign in.
 *
 * A name that nobody has, a disabled user's and any other give the same answer by the same one statement: the attempt runs
 * the same course, and theirs fails at its end (limits, "unknown names"; ASVS 6.3.8).
 *
 * @param input.timeoutSeconds for how long it stays open, 30 to 900.
 * Never refuses.
 * Records `attempt.begun`; the name stands in it as an HMAC only.
 * @see rest, 2 "initialize"; product, "/otp"
 */
export async function beginAttempt(ctx: Context, input: BeginAttemptInput): Promise<BegunAttempt> {
  const secret = input.door === "otp_page" ? randomToken() : null;
  const row = toNewAttempt(ctx, input, secret);
  const event = toEventRow(ctx, {
    kind: "attempt.begun",
    outcome: "ok",
    target: { kind: "attempt", id: row.id },
    details: { door: input.door, subject: row.subjectKey },
  });
  const { userId, expiresAt } = await inStatement((tx) => insertAttempt(tx, row, event));
  rememberAttempt(row.id, userId);
  return { attemptId: row.id, expiresAt, secret };
}

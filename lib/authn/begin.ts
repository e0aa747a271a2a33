import "server-only";
import { randomUUID } from "node:crypto";
import { toEventRow } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { digest, randomToken } from "@/lib/platform/keys";
import { inStatement } from "@/lib/platform/transaction";
import type { BeginAttemptInput } from "./input";
import type { TakenAttempt } from "./model";
import { insertAttempt } from "./store";
import { toSubjectKey } from "./subject";

/** An attempt just begun. */
export interface BegunAttempt {
  attemptId: string;
  expiresAt: Date;
  /** Of `/otp`: what the browser's cookie holds, shown once and stored as a digest. null at the Authentication API. */
  secret: string | null;
  /** The attempt as its own holder has it: for a proof in the same call. */
  taken: TakenAttempt;
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
  const subjectName = input.subjectName.replaceAll("\0", "\ufffd");
  const subjectKey = toSubjectKey(subjectName);
  const secret = input.door === "otp_page" ? randomToken() : null;
  const id = randomUUID();
  const { expiresAt, ...taken } = await inStatement((tx) =>
    insertAttempt(
      tx,
      {
        id,
        door: input.door,
        clientId: ctx.actor.kind === "client" ? ctx.actor.clientId : null,
        application: input.application,
        subjectName,
        subjectKey,
        browserDigest: secret === null ? null : digest(secret),
        messageId: input.messageId,
        keepAttempt: input.keepAttempt,
        sessionAttributes: input.sessionAttributes,
        timeoutSeconds: input.timeoutSeconds,
      },
      toEventRow(ctx, {
        kind: "attempt.begun",
        outcome: "ok",
        target: { kind: "attempt", id },
        details: { door: input.door, subject: subjectKey },
      }),
    ),
  );
  return { attemptId: id, expiresAt, secret, taken };
}

import "server-only";
import { randomUUID } from "node:crypto";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import type { BeginAttemptInput } from "./input";
import type { NewAttempt } from "./store";
import { toSubjectKey } from "./subject";

/** The row of an attempt that begins now. What no name holds (NUL) is replaced, so that it matches nobody and can be stored. */
export function toNewAttempt(ctx: Context, input: BeginAttemptInput, secret: string | null): NewAttempt {
  const subjectName = input.subjectName.replaceAll("\0", "\ufffd");
  return {
    id: randomUUID(),
    door: input.door,
    clientId: ctx.actor.kind === "client" ? ctx.actor.clientId : null,
    application: input.application,
    subjectName,
    subjectKey: toSubjectKey(subjectName),
    browserDigest: secret === null ? null : digest(secret),
    messageId: input.messageId,
    keepAttempt: input.keepAttempt,
    sessionAttributes: input.sessionAttributes,
    timeoutSeconds: input.timeoutSeconds,
  };
}

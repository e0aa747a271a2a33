import { randomUUID } from "node:crypto";
import { beginAttempt } from "@/lib/authn/begin";
import { beginAttemptInput } from "@/lib/authn/input";
import type { AttemptHolder } from "@/lib/authn/model";
import type { Context } from "@/lib/platform/context";
import { publicContext } from "./database";

/** An attempt in the hands of the browser in which it began. */
export interface PageAttempt {
  attemptId: string;
  holder: Extract<AttemptHolder, { kind: "browser" }>;
}

/** Begins an attempt at `/otp`. */
export async function beginPage(name: string, ctx: Context = publicContext()): Promise<PageAttempt> {
  const begun = await beginAttempt(ctx, beginAttemptInput.parse({ door: "otp_page", subjectName: name }));
  if (begun.secret === null) throw new Error("no browser's");
  return { attemptId: begun.attemptId, holder: { kind: "browser", secret: begun.secret } };
}

/** Begins an attempt as a relying system does; answers our first message besides. */
export async function beginApi(
  ctx: Context,
  name: string,
  overrides: object = {},
): Promise<{ attemptId: string; messageId: string }> {
  const messageId = randomUUID();
  const { attemptId } = await beginAttempt(
    ctx,
    beginAttemptInput.parse({ door: "authn_api", subjectName: name, messageId, ...overrides }),
  );
  return { attemptId, messageId };
}

/** The relying system, which answers a message of ours. */
export const answering = (inResponseTo: string): Extract<AttemptHolder, { kind: "client" }> => ({
  kind: "client",
  inResponseTo,
  nextMessageId: randomUUID(),
});

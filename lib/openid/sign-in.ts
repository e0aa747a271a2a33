import "server-only";
import { randomUUID } from "node:crypto";
import type { EventInput } from "@/lib/audit/model";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import type { AttemptMethod } from "@/lib/authn/model";
import { consumeSecondsMax } from "@/lib/authn/model";
import { consumeSucceeded } from "@/lib/authn/outcome-store";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { decideProof, type OpenidRequest, type Proof, signInSecondsMax } from "./model";
import { findHinted, insertSignIn } from "./sign-in-store";

/** Somebody is in at an application: what the grant opened. */
export interface OpenidSignIn extends Proof {
  id: string;
  /** The `sub` that the application is told. */
  subject: string;
  /** When they were proven, in seconds since 1970. */
  provenAtSeconds: number;
  /** Its end, in seconds since 1970: never later than the grant's. */
  expiresAtSeconds: number;
}

/** Why a success at `/otp` signs nobody in. */
export type SignInRefusal = Refusal<"gone" | "other_user" | "not_accepted">;

/**
 * Takes up a success at `/otp` for an application that asked for it: once, for the browser that earned it, within two minutes.
 *
 * The application is told who it is, how they were proven and when, and nothing else. It lasts as long as the grant, 12 hours at most, and
 * ends with the grant, the user and the application: whatever is asked by its tokens asks for these (`isLive`).
 *
 * Refuses `gone` (unknown, not succeeded, another browser's, for another request, told before, too long ago, or the user or the grant
 *   ended meanwhile); `other_user` (not whom the request asks for); `not_accepted` (the application takes another way only).
 * @see audit `openid.signed-in`; OpenID Connect Core 1.0, 2; RFC 8176
 */
export async function signInAtApplication(
  ctx: Context,
  input: { attemptId: string; secret: string; handle: string; request: OpenidRequest },
): Promise<Success<{ signIn: OpenidSignIn }> | SignInRefusal> {
  const { attemptId, secret, handle, request } = input;
  return inTransaction(async (tx) => {
    const proven = await consumeSucceeded(tx, attemptId, digest(secret), handle, consumeSecondsMax);
    const event = toEvent(request, proven);
    if (proven === undefined) return recordRefusal(tx, ctx, event, refuse("gone"));
    const subject = request.hint?.sub ?? proven.userId;
    const isHinted = request.hint === null || (await findHinted(tx, request.hint)) === proven.userId;
    if (!isHinted || request.subjects.some((asked) => asked !== subject))
      return recordRefusal(tx, ctx, event, refuse("other_user"));
    const proof = decideProof(request, proven.method);
    if (proof === undefined) return recordRefusal(tx, ctx, event, refuse("not_accepted"));
    const { userId, grantId } = proven;
    const id = randomUUID();
    const row = { id, clientId: request.clientId, grantId, userId, subject, secondsMax: signInSecondsMax };
    const written = await insertSignIn(tx, row);
    if (written === undefined) return recordRefusal(tx, ctx, event, refuse("gone"));
    await recordEvent(tx, ctx, event);
    return {
      ok: true,
      signIn: {
        ...proof,
        id,
        subject,
        provenAtSeconds: Math.floor(proven.provenAt.getTime() / 1000),
        expiresAtSeconds: Math.floor(written.expiresAt.getTime() / 1000),
      },
    };
  });
}

function toEvent(
  { clientId, correlationId }: OpenidRequest,
  proven: { userId: string; displayName: string; method: AttemptMethod; grantId: string } | undefined,
): EventInput {
  return {
    kind: "openid.signed-in",
    outcome: "ok",
    target: { kind: "client", id: clientId },
    userId: proven?.userId ?? null,
    userLabel: proven?.displayName ?? null,
    grantId: proven?.grantId ?? null,
    details: {
      ...(proven === undefined ? {} : { method: proven.method }),
      ...(correlationId === null ? {} : { correlationId }),
    },
  };
}

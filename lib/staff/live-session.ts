import "server-only";
import { isDemo } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { inStatement } from "@/lib/platform/transaction";
import { SESSION_IDLE_SECONDS_MAX } from "./model";
import { findLiveSession, type LiveSession, touchSession } from "./session-store";

const TOUCH_SECONDS = 30;

/** The context of staff who are signed in with both factors. */
export type StaffContext = Context & { actor: Extract<Context["actor"], { kind: "staff" }> };

/**
 * Finds the live session that `token` names, and (unless `background`) marks it as used.
 * Undefined once it was ended, is older than 12 h, was left alone for 20 min, or its staff member was disabled.
 * In the demo the second factor counts as shown just now; outside of it, one that only the demo satisfied counts as not shown.
 */
export async function findSessionOf(
  token: string,
  { background = false }: { background?: boolean } = {},
): Promise<LiveSession | undefined> {
  return inStatement(async (tx) => {
    const session = await findLiveSession(tx, digest(token), SESSION_IDLE_SECONDS_MAX);
    if (session === undefined) return undefined;
    if (!background && session.idleSeconds >= TOUCH_SECONDS)
      await touchSession(tx, session.sessionId, TOUCH_SECONDS);
    if (isDemo())
      return { ...session, secondFactorAt: new Date(), secondFactorMethod: "demo", isSteppedUp: true };
    if (session.secondFactorMethod === "demo")
      return { ...session, secondFactorAt: null, secondFactorMethod: null, isSteppedUp: false };
    return session;
  });
}

/** The context of who is on the way in: a live session, whether a second factor was shown in it or not. Nobody is proven. */
export type EnteringContext = Context & { session: LiveSession };

/** `ctx` in the name of the session's owner: for the audit log of the way in, never for a verb that asks for a permission. */
export function inNameOf(
  ctx: Context,
  session: Pick<LiveSession, "staffId" | "sessionId" | "name" | "email" | "role" | "userDirectoryId">,
): StaffContext {
  const { staffId, sessionId, name, email, role, userDirectoryId } = session;
  return {
    requestId: ctx.requestId,
    sourceIp: ctx.sourceIp,
    userAgent: ctx.userAgent,
    actor: {
      kind: "staff",
      staffId,
      sessionId,
      name,
      email,
      role,
      userDirectoryId,
      isSteppedUp: false,
    },
  };
}

/** The context of `session`'s owner, or undefined where no second factor was shown in it yet. */
export function toStaffContext(
  session: LiveSession,
  request: Omit<Context, "actor">,
): StaffContext | undefined {
  if (session.secondFactorAt === null) return undefined;
  const ctx = inNameOf({ ...request, actor: { kind: "user" } }, session);
  return { ...ctx, actor: { ...ctx.actor, isSteppedUp: session.isSteppedUp } };
}

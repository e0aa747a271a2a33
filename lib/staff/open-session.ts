import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { digest, randomToken } from "@/lib/platform/keys";
import { inTransaction } from "@/lib/platform/transaction";
import { markShownOidc, setTotpFailures } from "./factor-store";
import { inNameOf } from "./live-session";
import { SESSION_SECONDS_MAX } from "./model";
import { refuseRecorded } from "./refusal";
import { endSessionOfToken, insertSession, rotateSession } from "./session-store";
import { lockStaff, markSignedIn, setFailures } from "./store";
import { spendToken } from "./token";

/**
 * Opens a session for who holds `token`, the one-time token in which every proof ends; or, where that proof was a second
 * factor shown in a session, gives that session a new token (ASVS 7.2.4).
 * @param previous the session token that the browser held before: its session ends.
 * @returns the session's token, for the cookie; undefined where `token` is spent or a minute old, or the staff member was
 * disabled meanwhile. Audit: `staff.signed-in`, `staff.stepped-up`, `staff.sign-in-failed`.
 */
export async function openSession(
  ctx: Context,
  { token, previous }: { token: string; previous?: string | undefined },
): Promise<{ staffId: string; token: string } | undefined> {
  return inTransaction(async (tx) => {
    const spent = await spendToken(tx, "sign_in", token);
    const staff =
      spent === undefined || spent.staffId === null ? undefined : await lockStaff(tx, spent.staffId);
    if (spent === undefined || staff === undefined) {
      await refuseRecorded(tx, ctx, "staff.sign-in-failed", "token");
      return undefined;
    }
    if (staff.disabledAt !== null) {
      await refuseRecorded(tx, ctx, "staff.sign-in-failed", "disabled", staff.id);
      return undefined;
    }
    const fresh = randomToken();
    const { session, by, factor = null, factorAge = "0" } = spent.data;
    let sessionId: string;
    if (session !== undefined && factor !== null) {
      const owner = await rotateSession(tx, session, {
        tokenDigest: digest(fresh),
        secondFactorMethod: factor,
      });
      if (owner !== staff.id) {
        await refuseRecorded(tx, ctx, "staff.sign-in-failed", "session_over", staff.id);
        return undefined;
      }
      sessionId = session;
    } else {
      if (previous !== undefined) await endSessionOfToken(tx, digest(previous), "replaced");
      sessionId = await insertSession(tx, {
        tokenDigest: digest(fresh),
        staffId: staff.id,
        seconds: SESSION_SECONDS_MAX,
        secondFactorAgeSeconds: factor === null ? null : Number(factorAge),
        secondFactorMethod: factor,
        sourceIp: ctx.sourceIp,
        userAgent: ctx.userAgent,
      });
      await markSignedIn(tx, staff.id);
    }
    if (factor !== null) {
      await setFailures(tx, staff.id, 0, 0);
      await setTotpFailures(tx, staff.id, 0, 0);
      if (factor === "oidc") await markShownOidc(tx, staff.id);
    }
    await recordEvent(tx, inNameOf(ctx, { ...staff, staffId: staff.id, sessionId }), {
      kind: session === undefined ? "staff.signed-in" : "staff.stepped-up",
      outcome: "ok",
      target: { kind: "session", id: sessionId },
      details: { by, factor },
    });
    return { staffId: staff.id, token: fresh };
  });
}

import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { getNow } from "@/lib/platform/clock-store";
import { type Context, systemContext } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import type { Grant } from "./model";
import { notifyUser } from "./notify";
import { endChallenges, endGrant } from "./store";

/**
 * Closes a grant that is past its time, as of the moment it expired. Whoever notices does it; the log says the clock did.
 * Audit `grant.expired`.
 */
export async function closeExpired(
  tx: Tx,
  ctx: Context,
  grant: Pick<Grant, "id" | "userId" | "method" | "expiresAt">,
): Promise<void> {
  await endChallenges(tx, [grant.id], "grant_expired");
  const closed = await endGrant(tx, grant.id, {
    as: "expired",
    at: grant.expiresAt,
    by: null,
    reason: null,
  });
  if (!closed) return;
  await recordEvent(tx, systemContext("expiry", ctx.requestId), {
    kind: "grant.expired",
    outcome: "ok",
    userId: grant.userId,
    grantId: grant.id,
    details: { method: grant.method },
  });
}

/**
 * Closes a grant whose code has used up its tries, as the last wrong one would have, and tells the user.
 * Audit `code.throttled`, `grant.revoked`, both `wrong_tries`.
 */
export async function closeTriedOut(
  tx: Tx,
  ctx: Context,
  grant: Pick<Grant, "id" | "userId" | "method">,
): Promise<void> {
  const { id: grantId, userId, method } = grant;
  const reason = "wrong_tries";
  const at = await getNow(tx);
  if (!(await endGrant(tx, grantId, { as: "revoked", at, by: null, reason }))) return;
  const system = systemContext("tries", ctx.requestId);
  await recordEvent(tx, system, { kind: "code.throttled", outcome: "refused", reason, userId, grantId });
  await recordEvent(tx, system, { kind: "grant.revoked", outcome: "ok", reason, userId, grantId });
  await notifyUser(tx, ctx, { userId, kind: "failures_burst", method });
}

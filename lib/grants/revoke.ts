import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { sendNotice } from "@/lib/delivery/notice";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { closeExpired } from "./close";
import type { EndEmergencyAccessInput, RevokeGrantInput } from "./input";
import { type Grant, type RevokeReason, toIssuer } from "./model";
import { notifyUser } from "./notify";
import {
  endChallenges,
  endGrant,
  findGrant,
  getIssueState,
  listOpenGrants,
  lockUser,
  updateClosed,
} from "./store";

/** What became of a wish to revoke. */
export type RevokeResult =
  | Success<{ grant: Grant }>
  | Refusal<"already_ended", { grant: Grant }>
  | Refusal<"grant_not_found">;

/**
 * Revokes one grant, whatever its method: from this commit on nothing of it is accepted, a code that is being typed and an
 * OTP that is on its way included.
 *
 * A grant that was spent stays so, but what it opened at applications is closed.
 *
 * @param input.reason Why, for the log and the grant's row.
 * @returns The grant as it ended. Refusals: `already_ended` (with how: a late retry never touches a newer grant),
 *   `grant_not_found`.
 * @throws {Denied} without `grant:revoke`.
 * @see audit `grant.revoked`, `grant.closed`; rest, "revoke"
 */
export async function revokeGrant(ctx: Context, input: RevokeGrantInput): Promise<RevokeResult> {
  await requirePermission(ctx, "grant:revoke", { grantId: input.grantId });
  return inTransaction(async (tx): Promise<RevokeResult> => {
    const found = await findGrant(tx, input.grantId);
    if (found === undefined) {
      const event = { kind: "grant.revoked", grantId: input.grantId } as const;
      return recordRefusal(tx, ctx, event, refuse("grant_not_found"));
    }
    await lockUser(tx, found.userId);
    const grant = (await findGrant(tx, input.grantId)) ?? found;
    const ended = await end(tx, ctx, grant, input.reason);
    if (ended) await notify(tx, ctx, [grant]);
    else await closeSpent(tx, ctx, { userId: grant.userId, grantId: grant.id });
    const now = (await findGrant(tx, input.grantId)) ?? grant;
    if (ended) return { ok: true, grant: now };
    const event = { kind: "grant.revoked", userId: grant.userId, grantId: grant.id } as const;
    return recordRefusal(tx, ctx, event, refuse("already_ended", { grant: now }));
  });
}

/** What became of ending all emergency access of a user. */
export type EndResult = Success<{ ended: Grant[] }> | Refusal<"user_not_found">;

/**
 * Ends all emergency access of a user at once: every live grant of every method, the OTPs that are under way, and what spent grants
 * opened at applications. For when the normal authenticator works again, or something is wrong.
 *
 * @param input.reason Why, for the log and the grants' rows.
 * @returns The grants that this call ended; none where nothing was live. Refusal: `user_not_found`.
 * @throws {Denied} without `grant:revoke`.
 * @see audit `grant.revoked`, one for each grant, and one without a grant where none was live; `grant.closed`; product, "The three methods"
 */
export async function endEmergencyAccess(ctx: Context, input: EndEmergencyAccessInput): Promise<EndResult> {
  await requirePermission(ctx, "grant:revoke", { userId: input.userId });
  return inTransaction(async (tx): Promise<EndResult> => {
    if (!(await lockUser(tx, input.userId))) {
      const event = { kind: "grant.revoked", userId: input.userId } as const;
      return recordRefusal(tx, ctx, event, refuse("user_not_found"));
    }
    const ended = await endLiveGrants(tx, ctx, input);
    if (ended.length === 0) {
      await recordEvent(tx, ctx, {
        kind: "grant.revoked",
        outcome: "ok",
        reason: input.reason,
        userId: input.userId,
        details: { ended: 0 },
      });
    }
    return { ok: true, ended };
  });
}

/**
 * Ends every live grant of a user whom the caller has locked, with the OTPs that are under way, and tells them once. What their
 * spent grants opened is closed.
 * @param input.reason `disabled`: they may not sign in at all any more.
 * @returns the grants that ended by it.
 * @see audit `grant.revoked`, `grant.closed`, one for each grant
 */
export async function endLiveGrants(
  tx: Tx,
  ctx: Context,
  { userId, reason }: { userId: string; reason: RevokeReason | "disabled" },
): Promise<Grant[]> {
  const ended: Grant[] = [];
  for (const grant of await listOpenGrants(tx, userId)) {
    if (await end(tx, ctx, grant, reason)) ended.push((await findGrant(tx, grant.id)) ?? grant);
  }
  await closeSpent(tx, ctx, { userId });
  await notify(tx, ctx, ended);
  return ended;
}

/** Closes what spent grants of a user opened, all or one: they have ended by themselves, and what they opened lives on until their window is over. */
async function closeSpent(tx: Tx, ctx: Context, which: { userId: string; grantId?: string }): Promise<void> {
  for (const { id, method } of await updateClosed(tx, which))
    await recordEvent(tx, ctx, {
      kind: "grant.closed",
      outcome: "ok",
      userId: which.userId,
      grantId: id,
      details: { method },
    });
}

async function end(tx: Tx, ctx: Context, grant: Grant, reason: RevokeReason | "disabled"): Promise<boolean> {
  if (grant.endedAt !== null) return false;
  const { now } = await getIssueState(tx);
  if (grant.expiresAt.getTime() <= now.getTime()) {
    await closeExpired(tx, ctx, grant);
    return false;
  }
  await endChallenges(tx, [grant.id], "grant_revoked");
  const ended = await endGrant(tx, grant.id, { as: "revoked", at: now, by: toIssuer(ctx.actor).id, reason });
  if (!ended) return false;
  await recordEvent(tx, ctx, {
    kind: "grant.revoked",
    outcome: "ok",
    reason,
    userId: grant.userId,
    grantId: grant.id,
    details: { method: grant.method },
  });
  return true;
}

/**
 * One notice, however many ended: of one never at the phone that carried its secret, of several rather at one that carried
 * nothing than at the one that did.
 */
async function notify(tx: Tx, ctx: Context, ended: readonly Grant[]): Promise<void> {
  const [first, ...others] = ended;
  if (first === undefined) return;
  const { userId, method } = first;
  const kind = "access_revoked";
  if (others.length === 0) return notifyUser(tx, ctx, { userId, kind, method });
  const carriers = ended.flatMap((grant) => (grant.method === "access_code" ? [] : grant.method));
  await sendNotice(tx, ctx, { userId, kind, lastChannel: carriers.length === 1 ? carriers[0] : undefined });
}

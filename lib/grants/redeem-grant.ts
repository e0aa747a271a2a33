import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type { Method } from "@/lib/policy/model";
import { findGrant, getIssueState, redeemOne } from "./store";

/** A grant that was used just now. */
export interface RedeemedGrant {
  readonly id: string;
  readonly userId: string;
  readonly method: Method;
  /** Whether that was its last use. */
  readonly spent: boolean;
}

/**
 * Counts a use of a live grant, and ends it as spent by its last one. A step of whoever judged the secret: of any number
 * at once no more pass than the grant has uses.
 *
 * @returns The grant. Refusals: `expired` (to the moment, by the database's clock), `used_up`, `ended` (revoked, replaced,
 *   or there is none).
 * @see audit `grant.redeemed`; access-code, "Online"
 */
export async function redeemGrant(
  tx: Tx,
  ctx: Context,
  grantId: string,
): Promise<Success<{ grant: RedeemedGrant }> | Refusal<"expired" | "ended" | "used_up">> {
  const use = await redeemOne(tx, grantId, ctx.requestId);
  if (use !== undefined) {
    await recordEvent(tx, ctx, {
      kind: "grant.redeemed",
      outcome: "ok",
      userId: use.user_id,
      grantId: use.id,
      details: { method: use.method, usesCount: use.uses_count },
    });
    const grant = { id: use.id, userId: use.user_id, method: use.method, spent: use.ended_as === "spent" };
    return { ok: true, grant };
  }
  const grant = await findGrant(tx, grantId);
  const { now } = await getIssueState(tx);
  const reason =
    grant === undefined
      ? "ended"
      : grant.endedAs === "spent"
        ? "used_up"
        : grant.endedAs === "expired" || (grant.endedAs === null && grant.expiresAt <= now)
          ? "expired"
          : "ended";
  await recordEvent(tx, ctx, {
    kind: "grant.redeemed",
    outcome: "refused",
    reason,
    userId: grant?.userId ?? null,
    grantId,
    details: { method: grant?.method ?? null },
  });
  return refuse(reason);
}

import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { type Context, systemContext } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import type { Grant } from "./model";
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

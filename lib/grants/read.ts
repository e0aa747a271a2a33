import "server-only";
import { findUserForAccess } from "@/lib/directory/store";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import { decideOffers, type Offer } from "./decide";
import { type DeadTries, type GrantView, listDeadTries, listEnded, listLive } from "./read-store";
import { getIssueState } from "./store";

const historyMax = 50;

/** For so long the desk is told of dead codes that were typed: while the caller is on the phone. */
const toldSeconds = 15 * 60;

/** The emergency access of a user as staff see it. */
export interface UserAccess {
  /** The database's clock, by which every "valid until" counts down. */
  readonly now: Date;
  readonly live: GrantView[];
  /** What ended, newest first, 50 at most. */
  readonly history: GrantView[];
  /** Dead codes that were typed in the last quarter of an hour: a caller may have an older one before them. */
  readonly deadTries: DeadTries[];
  /** Each method: offered to this user by this reader, or why it can't work. */
  readonly offers: Offer[];
  /** Since when nothing is issued, until an owner has looked; null: issuing goes on. */
  readonly issuingStoppedAt: Date | null;
}

/**
 * Reads the emergency access that a user has and had, and which method the reader could give them.
 *
 * @returns All of it, by one clock; `user_not_found`.
 * @throws {Denied} without `user:read`.
 */
export async function readUserAccess(
  ctx: Context,
  input: { userId: string },
): Promise<Success<UserAccess> | Refusal<"user_not_found">> {
  await requirePermission(ctx, "user:read", { userId: input.userId });
  return inTransaction(async (tx) => {
    const user = await findUserForAccess(tx, input.userId);
    if (user === undefined) return refuse("user_not_found");
    const { policy } = await getPolicy(tx);
    const { now, issuingStoppedAt } = await getIssueState(tx);
    return {
      ok: true as const,
      now,
      issuingStoppedAt,
      live: await listLive(tx, user.id),
      history: await listEnded(tx, user.id, historyMax),
      deadTries: await listDeadTries(tx, user.id, toldSeconds),
      offers: decideOffers({ policy, actor: ctx.actor, user, now }),
    };
  });
}

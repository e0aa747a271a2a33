import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { setUserDisabled } from "@/lib/directory/set-disabled";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import { endLiveGrants } from "./revoke";
import { lockUser } from "./store";

/** Why somebody may not sign in any more: their directory says so, doesn't name them, or took them away. */
export type LeaveReason = "named" | "absent" | "removed";

/**
 * Disables a user, if they aren't, and ends every live grant of theirs in the same transaction: nobody is disabled and has
 * emergency access.
 * @returns whether they were enabled until now, and how many grants ended.
 * @see audit `user.disabled`, `grant.revoked`
 */
export async function disableUser(
  tx: Tx,
  ctx: Context,
  { userId, because }: { userId: string; because: LeaveReason },
): Promise<{ isChanged: boolean; grantsEnded: number }> {
  await lockUser(tx, userId);
  if (!(await setUserDisabled(tx, { userId, isDisabled: true }))) return { isChanged: false, grantsEnded: 0 };
  return { isChanged: true, grantsEnded: await endAccessOfDisabled(tx, ctx, { userId, because }) };
}

/**
 * Ends what a user still holds whom the caller has locked and disabled.
 * @returns how many grants ended.
 * @see audit `user.disabled`, `grant.revoked`
 */
export async function endAccessOfDisabled(
  tx: Tx,
  ctx: Context,
  { userId, because }: { userId: string; because: LeaveReason },
): Promise<number> {
  const { length } = await endLiveGrants(tx, ctx, { userId, reason: "disabled" });
  await recordEvent(tx, ctx, {
    kind: "user.disabled",
    outcome: "ok",
    userId,
    details: { because, grantsEnded: length },
  });
  return length;
}

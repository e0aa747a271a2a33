import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { setUserDisabled } from "@/lib/directory/set-disabled";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import { endLiveGrants } from "./revoke";
import { lockUser } from "./store";

/** Why somebody may not sign in any more: their directory says so, doesn't name them, or took them away; or staff or a program asked. */
export type LeaveReason = "named" | "absent" | "removed" | "asked";

/** Who leaves, and why. `userLabel`: their name, for the log. */
export interface Leave {
  userId: string;
  because: LeaveReason;
  userLabel?: string;
}

/**
 * Disables a user, if they aren't, and ends every live grant of theirs in the same transaction: nobody is disabled and has
 * emergency access.
 * @returns whether they were enabled until now, and how many grants ended.
 * @see audit `user.disabled`, `grant.revoked`
 */
export async function disableUser(
  tx: Tx,
  ctx: Context,
  leave: Leave,
): Promise<{ isChanged: boolean; grantsEnded: number }> {
  const { userId } = leave;
  await lockUser(tx, userId);
  if (!(await setUserDisabled(tx, { userId, isDisabled: true }))) return { isChanged: false, grantsEnded: 0 };
  return { isChanged: true, grantsEnded: await endAccessOfDisabled(tx, ctx, leave) };
}

/**
 * Ends what a user still holds whom the caller has locked and disabled.
 * @returns how many grants ended.
 * @see audit `user.disabled`, `grant.revoked`
 */
export async function endAccessOfDisabled(
  tx: Tx,
  ctx: Context,
  { userId, because, userLabel }: Leave,
): Promise<number> {
  const { length } = await endLiveGrants(tx, ctx, { userId, reason: "disabled" });
  await recordEvent(tx, ctx, {
    kind: "user.disabled",
    outcome: "ok",
    userId,
    userLabel: userLabel ?? null,
    details: { because, grantsEnded: length },
  });
  return length;
}

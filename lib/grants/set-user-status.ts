import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { lockImports } from "@/lib/directory/import-store";
import { findNamesake } from "@/lib/directory/namesakes";
import { setUserDisabled } from "@/lib/directory/set-disabled";
import { lockUserDetails } from "@/lib/directory/store";
import { isYourself } from "@/lib/directory/yourself";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { SetUserStatusInput } from "./input";
import { disableUser } from "./leave";

/** What became of a wish to disable or enable somebody. `isChanged`: false where it was so before. */
export type SetUserStatusResult =
  | Success<{ isChanged: boolean }>
  | Refusal<"user_not_found" | "yourself" | "namesake">;

/**
 * Disables a user, who then signs in nowhere, or enables them again. Whoever is disabled loses every live grant in the same
 * transaction, and gets none back when enabled.
 *
 * What the directory says later stands above it: who is enabled there may be enabled by its next import.
 *
 * Refuses `user_not_found`; `yourself`, for staff; `namesake`, to enable somebody whose login or address is one of somebody whom another
 *   keeps.
 * @throws {Denied} without `user:disable`, which helpdesk has not.
 * @see audit `user.disabled` with how many grants ended, `user.enabled`, `grant.revoked`; rest, 1 "enable/disable"
 */
export async function setUserStatus(ctx: Context, input: SetUserStatusInput): Promise<SetUserStatusResult> {
  await requirePermission(ctx, "user:disable", { userId: input.userId });
  const { userId, isDisabled } = input;
  const kind = isDisabled ? "user.disabled" : "user.enabled";
  return inTransaction(async (tx): Promise<SetUserStatusResult> => {
    if (!isDisabled) await lockImports(tx);
    const user = await lockUserDetails(tx, userId);
    if (user === undefined) return recordRefusal(tx, ctx, { kind }, refuse("user_not_found"));
    if (isYourself(ctx.actor, user)) return recordRefusal(tx, ctx, { kind, userId }, refuse("yourself"));
    const userLabel = user.displayName;
    if (isDisabled) {
      const { isChanged } = await disableUser(tx, ctx, { userId, because: "asked", userLabel });
      return { ok: true, isChanged };
    }
    if (user.disabledAt === null) return { ok: true, isChanged: false };
    if ((await findNamesake(tx, user, user.source)) !== undefined)
      return recordRefusal(tx, ctx, { kind, userId }, refuse("namesake"));
    await setUserDisabled(tx, { userId, isDisabled });
    const details = { because: "asked" };
    await recordEvent(tx, ctx, { kind, outcome: "ok", userId, userLabel, details });
    return { ok: true, isChanged: true };
  });
}

import "server-only";
import { maskPhone } from "@/lib/directory/phone";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { hasPermission } from "@/lib/staff/permission";
import { requirePermission } from "@/lib/staff/require-permission";
import { type DescribedUser, findDescribed, type UserKey } from "./describe-store";

/**
 * Describes one user to a program: who they are, their newest access code (never the code) and their last sign-ins.
 *
 * Phone numbers are whole only for whoever has `phone:read`, else masked.
 *
 * @param key an e-mail address, a login name, or both; compared without regard to case.
 * Refuses `user_not_found`: nobody, or an address that several share.
 * @throws {Denied} without `user:read`. Reads only: no event.
 * @see rest, 1 "look up"
 */
export async function describeUser(
  ctx: Context,
  key: UserKey,
): Promise<Success<{ user: DescribedUser }> | Refusal<"user_not_found">> {
  await requirePermission(ctx, "user:read");
  const user = await inStatement((tx) => findDescribed(tx, key));
  if (user === undefined) return refuse("user_not_found");
  if (hasPermission(ctx.actor, "phone:read")) return { ok: true, user };
  const masked = Object.entries(user.phones).map(([channel, e164]) => [channel, maskPhone(e164)]);
  return { ok: true, user: { ...user, phones: Object.fromEntries(masked) } };
}

import "server-only";
import { maskPhone } from "@/lib/directory/phone";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, type Tx } from "@/lib/platform/transaction";
import { hasPermission } from "@/lib/staff/permission";
import { requirePermission } from "@/lib/staff/require-permission";
import {
  type DescribedUser,
  findDescribed,
  listDescribed,
  searchEmails,
  type UserKey,
} from "./describe-store";
import type { SearchDescribedInput } from "./input";
import { type MethodLocks, readLocks } from "./locks";

/** A user as a program is told of them: phones masked where the caller may not see them. */
export interface ToldUser extends DescribedUser {
  locks: MethodLocks;
}

/**
 * Describes one user to a program: who they are, their newest access code (never the code), their last sign-ins, and which methods are
 * held back.
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
): Promise<Success<{ user: ToldUser }> | Refusal<"user_not_found">> {
  await requirePermission(ctx, "user:read");
  return inStatement(async (tx) => {
    const found = await findDescribed(tx, key);
    const [user] = found === undefined ? [] : await tell(tx, ctx, [found]);
    return user === undefined ? refuse("user_not_found") : { ok: true, user };
  });
}

/**
 * Describes the users whose e-mail address has a text in it, in the order of the addresses, by pages. Whoever has no address is not found.
 *
 * @param input.emailLike as it stands, without wildcards, without regard to case.
 * @param input.pageNumber from 0; beyond the last: nobody.
 * @returns the page, and how many there are in all.
 * @throws {Denied} without `user:search` and `user:read`. Reads only: no event.
 * @see rest, 1 "search v1", "search v2"
 */
export async function searchDescribed(
  ctx: Context,
  { emailLike, pageSize, pageNumber }: SearchDescribedInput,
): Promise<{ users: ToldUser[]; total: number }> {
  await requirePermission(ctx, "user:search");
  await requirePermission(ctx, "user:read");
  return inStatement(async (tx) => {
    const { total, userIds } = await searchEmails(tx, emailLike, { size: pageSize, number: pageNumber });
    const users = userIds.length === 0 ? [] : await tell(tx, ctx, await listDescribed(tx, userIds));
    return { users, total };
  });
}

async function tell(tx: Tx, ctx: Context, users: readonly DescribedUser[]): Promise<ToldUser[]> {
  const locks = await readLocks(tx, users);
  const isWhole = hasPermission(ctx.actor, "phone:read");
  return users.map((user) => ({
    ...user,
    phones: isWhole ? user.phones : maskAll(user.phones),
    locks: locks.get(user.id) ?? { access_code: false, sms: false, voice: false },
  }));
}

function maskAll(phones: DescribedUser["phones"]): DescribedUser["phones"] {
  return Object.fromEntries(Object.entries(phones).map(([channel, e164]) => [channel, maskPhone(e164)]));
}

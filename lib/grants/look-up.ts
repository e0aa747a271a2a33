import "server-only";
import type { SearchUsersInput } from "@/lib/directory/input";
import { maskPhone } from "@/lib/directory/phone";
import { type Found, type FoundUser, findUsers } from "@/lib/directory/search";
import { listUsers } from "@/lib/directory/search-store";
import type { Context } from "@/lib/platform/context";
import { inStatement, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type LiveAccess, selectLiveAccess, selectRecentUserIds } from "./overview-store";

/** A user in the look-up, with the emergency access that is open now. */
export interface LookedUpUser extends FoundUser {
  readonly access: Pick<LiveAccess, "method" | "expiresAt">[];
}

/** What a look-up shows. */
export interface LookUp {
  readonly users: LookedUpUser[];
  readonly more: Found["more"];
}

async function withAccess(tx: Tx, users: readonly FoundUser[]): Promise<LookedUpUser[]> {
  const live = await selectLiveAccess(
    tx,
    users.map(({ id }) => id),
  );
  return users.map((user) => ({
    ...user,
    access: live
      .filter(({ userId }) => userId === user.id)
      .map(({ method, expiresAt }) => ({ method, expiresAt })),
  }));
}

/**
 * Looks users up as `findUsers` does, and says what emergency access each has now. Reads only; not audited, as it is asked at
 * every key.
 * @throws {Denied} without `user:search`.
 * @throws {z.ZodError} where the input is none.
 */
export async function lookUpUsers(ctx: Context, input: SearchUsersInput): Promise<LookUp> {
  await requirePermission(ctx, "user:search");
  return inStatement(async (tx) => {
    const { users, more } = await findUsers(tx, input);
    return { users: await withAccess(tx, users), more };
  });
}

const recentMax = 8;

/**
 * Lists the users to whom whoever asks gave access last, the latest first, 8 at most: where a call is often about.
 * Empty for who isn't staff.
 * @throws {Denied} without `user:search`.
 */
export async function listRecentUsers(ctx: Context): Promise<LookedUpUser[]> {
  await requirePermission(ctx, "user:search");
  const { actor } = ctx;
  if (actor.kind !== "staff") return [];
  return inStatement(async (tx) => {
    const ids = await selectRecentUserIds(tx, actor.staffId, recentMax);
    const rows = new Map((await listUsers(tx, ids)).map((row) => [row.id, row]));
    const users = ids.flatMap((id): FoundUser[] => {
      const row = rows.get(id);
      if (row === undefined) return [];
      const { phones, ...user } = row;
      return [
        {
          ...user,
          phones: phones.map(({ channel, e164 }) => ({ channel, masked: maskPhone(e164) })),
          stretches: { displayName: [], login: [], email: [], employeeNumber: [] },
        },
      ];
    });
    return withAccess(tx, users);
  });
}

import "server-only";
import { type FoundUser, toShownUser } from "@/lib/directory/search";
import { listUsers } from "@/lib/directory/search-store";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { selectRecentUserIds } from "./recent-users-store";

const recentMax = 8;

const noStretches = { displayName: [], login: [], email: [], employeeNumber: [] };

/**
 * Lists the users to whom whoever asks gave access last, the latest first, 8 at most: where a call is often about.
 * Empty for who isn't staff.
 * @throws {Denied} without `user:search`.
 */
export async function listRecentUsers(ctx: Context): Promise<FoundUser[]> {
  await requirePermission(ctx, "user:search");
  const { actor } = ctx;
  if (actor.kind !== "staff") return [];
  return inStatement(async (tx) => {
    const ids = await selectRecentUserIds(tx, actor.staffId, recentMax);
    const rows = new Map((await listUsers(tx, ids)).map((row) => [row.id, row]));
    return ids.flatMap((id) => {
      const row = rows.get(id);
      return row === undefined ? [] : { ...toShownUser(row), stretches: noStretches };
    });
  });
}

import "server-only";
import { listSignInNames } from "@/lib/directory/store";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type MethodLocks, readLocks } from "./locks";

/**
 * Finds which methods of a user are held back now, for the desk: who types a right code and must wait takes it for a wrong one.
 * @returns none for a user who doesn't exist.
 * @throws {Denied} without `user:read`. Reads only: no event.
 */
export async function findLocks(ctx: Context, { userId }: { userId: string }): Promise<MethodLocks> {
  await requirePermission(ctx, "user:read", { userId });
  return inStatement(async (tx) => {
    const [login, email = null] = await listSignInNames(tx, userId);
    const locks = login === undefined ? undefined : await readLocks(tx, [{ id: userId, login, email }]);
    return locks?.get(userId) ?? { access_code: false, sms: false, voice: false };
  });
}

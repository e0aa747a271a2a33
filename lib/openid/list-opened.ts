import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type OpenedSignIn, selectLive } from "./sign-in-store";

/**
 * Lists where a user is signed in now by emergency access, the newest first, 50 at most.
 * @throws {Denied} without `user:read`.
 */
export async function listOpened(ctx: Context, { userId }: { userId: string }): Promise<OpenedSignIn[]> {
  await requirePermission(ctx, "user:read", { userId });
  return inStatement((tx) => selectLive(tx, userId));
}

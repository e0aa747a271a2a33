import "server-only";
import { readUser } from "@/lib/directory/read";
import type { Context } from "@/lib/platform/context";

/** What the user is called by whom a list is filtered; null where it isn't, or there is nobody of that id. */
export async function nameOfUser(ctx: Context, userId: string | undefined): Promise<string | null> {
  if (userId === undefined) return null;
  const found = await readUser(ctx, { userId });
  return found.ok ? found.user.displayName : null;
}

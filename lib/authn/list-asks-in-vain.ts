import "server-only";
import { listSignInNames } from "@/lib/directory/store";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { listRefused } from "./ask-store";
import type { AttemptChannel } from "./model";
import { toSubjectKey } from "./subject";

/** For so long the desk is told of what was asked for in vain: while the caller is on the phone. */
const toldSeconds = 15 * 60;

/** A text or call that somebody asked for in a user's name lately, and that wasn't sent. */
export interface AskInVain {
  id: string;
  channel: AttemptChannel;
  askedAt: Date;
  /** Why nothing was sent. */
  because: string;
}

/**
 * Lists what was asked for at the user's page or by a relying system in a user's name, and came to nothing: the page tells a
 * stranger neither, so the desk is who can say why a caller waits for nothing. The newest three of a quarter of an hour.
 * @returns none for a user who doesn't exist.
 * @throws {Denied} without `user:read`. Reads only: no event.
 */
export async function listAsksInVain(ctx: Context, { userId }: { userId: string }): Promise<AskInVain[]> {
  await requirePermission(ctx, "user:read", { userId });
  return inStatement(async (tx) => {
    const names = await listSignInNames(tx, userId);
    const asks = await listRefused(tx, names.map(toSubjectKey), toldSeconds);
    return asks.map(({ id, channel, askedAtMs, outcome }) => ({
      id,
      channel,
      askedAt: new Date(askedAtMs),
      because: outcome,
    }));
  });
}

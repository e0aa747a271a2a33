import "server-only";
import { type CallView, toPlain } from "@/components/users/call-view";
import { findLocks } from "@/lib/authn/find-locks";
import { listAsksInVain } from "@/lib/authn/list-asks-in-vain";
import { listDeliveries } from "@/lib/delivery/list";
import { readUserAccess } from "@/lib/grants/read";
import { readUserReach } from "@/lib/offline/read-reach";
import { listOpened } from "@/lib/openid/list-opened";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { hasPermission } from "@/lib/staff/permission";

const recentDays = 90;

/** Reads everything of a call that moves, as it travels to the screen: for the page's first paint, and for every beat after. */
export async function readCall(
  ctx: Context,
  userId: string,
): Promise<Success<CallView> | Refusal<"user_not_found">> {
  const [access, deliveries, asksInVain, locks, reach, opened] = await Promise.all([
    readUserAccess(ctx, { userId }),
    listDeliveries(ctx, { userId }),
    listAsksInVain(ctx, { userId }),
    findLocks(ctx, { userId }),
    readUserReach(ctx, { userId }),
    listOpened(ctx, { userId }),
  ]);
  if (!access.ok) return access;
  const { live, history, deadTries, offers, now, issuingStoppedAt } = access;
  const since = now.getTime() - recentDays * 86_400_000;
  return {
    ok: true,
    live: toPlain(live),
    before: toPlain(history),
    deadTries: toPlain(deadTries),
    recentCount: [...live, ...history].filter(({ createdAt }) => createdAt.getTime() >= since).length,
    offers: toPlain(offers),
    deliveries,
    asksInVain: toPlain(asksInVain),
    locks,
    reach: toPlain(reach),
    opened: toPlain(opened),
    isIssuingStopped: issuingStoppedAt !== null,
    mayRevoke: hasPermission(ctx.actor, "grant:revoke"),
    mayUnlock: hasPermission(ctx.actor, "user:unlock"),
  };
}

import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { type Context, nameActor } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { SeeTheftsInput } from "./input";
import { selectThefts, type Theft, updateTheftsSeen } from "./thefts-store";

const listedMax = 100;

/**
 * Lists the thefts at which nobody of security has looked yet, one a user, the newest first; 100 at most.
 * @throws {Denied} without `theft:see`. Reads only: no event.
 * @see product, "The three methods": stolen also tells the security admins
 */
export async function listThefts(ctx: Context): Promise<Theft[]> {
  await requirePermission(ctx, "theft:see");
  return inStatement((tx) => selectThefts(tx, listedMax));
}

/**
 * Notes that somebody of security has looked at the thefts of a user. The next one is told anew.
 * @returns Refuses `already_seen`: there is none that nobody has looked at.
 * @throws {Denied} without `theft:see`.
 * @see audit `grant.theft-seen`
 */
export async function seeThefts(
  ctx: Context,
  { userId }: SeeTheftsInput,
): Promise<Success | Refusal<"already_seen">> {
  await requirePermission(ctx, "theft:see", { userId });
  return inTransaction(async (tx) => {
    const count = await updateTheftsSeen(tx, userId, nameActor(ctx.actor));
    await recordEvent(tx, ctx, {
      kind: "grant.theft-seen",
      ...(count === 0 ? { outcome: "refused", reason: "already_seen" } : { outcome: "ok" }),
      userId,
      details: { reports: count },
    });
    return count === 0 ? refuse("already_seen") : { ok: true };
  });
}

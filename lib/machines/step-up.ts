import "server-only";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import { isSteppedUp } from "@/lib/policy/step-up";
import { getPolicy } from "@/lib/policy/store";
import { getServerState } from "./slot-store";

/**
 * Whether staff must show their second factor again before an act that decides which computers are trusted, by the database's
 * clock. Programs and the operator hold a key instead: never true of them.
 * @see limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function lacksStepUp(tx: Tx, ctx: Context): Promise<boolean> {
  const { now } = await getServerState(tx);
  return !isSteppedUp(ctx.actor, (await getPolicy(tx)).policy, now);
}

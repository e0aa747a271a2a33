import type { Actor } from "@/lib/platform/context";
import type { Policy } from "./model";

/**
 * Decides whether staff showed their second factor recently enough for what reveals a code, changes a policy or decides which machines
 * are trusted.
 * Programs and the operator hold a key instead: always true of them.
 * @param now The database's clock.
 * @see limits, "staff sign-in" (ASVS 7.5.3)
 */
export function isSteppedUp(actor: Actor, policy: Policy, now: Date): boolean {
  if (actor.kind !== "staff") return true;
  return now.getTime() - actor.secondFactorAt.getTime() <= policy.stepUpSeconds * 1000;
}

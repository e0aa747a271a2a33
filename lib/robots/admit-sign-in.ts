import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { toCountKey } from "./count-key";
import { signInRate } from "./model";
import { countUpTo } from "./store";

/**
 * Lets a stranger take a step of the way in to the console, unless too many come from the same network just now: each step
 * costs an Argon2id, a row or an event.
 *
 * Knows no account. Staff who are signed in are not asked.
 * Refuses `busy` (300 steps in ten minutes) with the seconds until there is room.
 */
export async function admitSignIn(
  ctx: Context,
): Promise<Success | Refusal<"busy", { retryAfterSeconds: number }>> {
  const retryAfterSeconds = await inStatement((tx) => countUpTo(tx, toCountKey(ctx, "sign-in"), signInRate));
  return retryAfterSeconds === 0 ? { ok: true } : refuse("busy", { retryAfterSeconds });
}

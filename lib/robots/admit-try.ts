import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { toCountKey } from "./count-key";
import { tryRate } from "./model";
import { countUpTo } from "./store";

/**
 * Lets somebody at `/otp` type a code, unless too many come from the same network just now: each leaves an event, those that
 * cost no try (a slip of the finger, an attempt that isn't theirs) too.
 *
 * Knows no name, so it is the same for names that exist and others.
 * Refuses `busy` (600 in ten minutes) with the seconds until there is room.
 */
export async function admitTry(
  ctx: Context,
): Promise<Success | Refusal<"busy", { retryAfterSeconds: number }>> {
  const retryAfterSeconds = await inStatement((tx) => countUpTo(tx, toCountKey(ctx, "try"), tryRate));
  return retryAfterSeconds === 0 ? { ok: true } : refuse("busy", { retryAfterSeconds });
}

import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { toCountKey } from "./count-key";
import { requestRate } from "./model";
import { countUpTo } from "./store";

/**
 * Lets an application's request to sign somebody in wait for the proof, unless too many come from the same network just now: each is
 * kept for an hour, with all that it says.
 *
 * Refuses `busy` (600 in ten minutes) with the seconds until there is room.
 */
export async function admitRequest(
  ctx: Context,
): Promise<Success | Refusal<"busy", { retryAfterSeconds: number }>> {
  const retryAfterSeconds = await inStatement((tx) => countUpTo(tx, toCountKey(ctx, "request"), requestRate));
  return retryAfterSeconds === 0 ? { ok: true } : refuse("busy", { retryAfterSeconds });
}

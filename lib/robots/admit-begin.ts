import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { toCountKey } from "./count-key";
import { beginRate } from "./model";
import { countUpTo } from "./store";

/**
 * Lets somebody begin to sign in, unless too many do so from the same network just now.
 *
 * Locks nobody out: what is refused isn't counted, and there is room again as minutes pass. Knows no name, so it is the
 * same for names that exist and others.
 * Refuses `busy` (150 in ten minutes) with the seconds until there is room.
 */
export async function admitBegin(
  ctx: Context,
): Promise<Success | Refusal<"busy", { retryAfterSeconds: number }>> {
  const retryAfterSeconds = await inStatement((tx) => countUpTo(tx, toCountKey(ctx, "begin"), beginRate));
  return retryAfterSeconds === 0 ? { ok: true } : refuse("busy", { retryAfterSeconds });
}

import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { toCountKey } from "./count-key";
import { enrolRate } from "./model";
import { countUpTo } from "./store";

/**
 * Lets a machine try to enrol, unless too many do so from the same network just now.
 *
 * Refuses `busy` (600 in ten minutes) with the seconds until there is room.
 */
export async function admitEnrol(
  ctx: Context,
): Promise<Success | Refusal<"busy", { retryAfterSeconds: number }>> {
  const retryAfterSeconds = await inStatement((tx) => countUpTo(tx, toCountKey(ctx, "enrol"), enrolRate));
  return retryAfterSeconds === 0 ? { ok: true } : refuse("busy", { retryAfterSeconds });
}

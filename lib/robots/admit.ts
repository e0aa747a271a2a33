import "server-only";
import { recordRefusedRequest } from "@/lib/audit/record-refused-request";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { toCountKey } from "./count-key";
import { networkRates, type RatedAct } from "./model";
import { countUpTo } from "./store";

/**
 * Lets somebody do `act`, unless too many do so from the same network just now.
 *
 * Locks nobody out: what is refused isn't counted, and there is room again as minutes pass. Knows no name, so it is the
 * same for names that exist and others.
 * Refuses `busy` (as many as `networkRates` has for `act`, in ten minutes) with the seconds until there is room.
 * @see audit `request.refused`
 */
export async function admit(
  ctx: Context,
  act: RatedAct,
): Promise<Success | Refusal<"busy", { retryAfterSeconds: number }>> {
  const retryAfterSeconds = await inStatement((tx) => countUpTo(tx, toCountKey(ctx, act), networkRates[act]));
  if (retryAfterSeconds === 0) return { ok: true };
  await recordRefusedRequest(ctx, "busy", act);
  return refuse("busy", { retryAfterSeconds });
}

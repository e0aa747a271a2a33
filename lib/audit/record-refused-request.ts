import "server-only";
import type { Context } from "@/lib/platform/context";
import { getLog } from "@/lib/platform/log";
import { inTransaction } from "@/lib/platform/transaction";
import { countRefused } from "./count-refused";
import { recordEvent } from "./record";

/**
 * Why a request is sent away before anybody looks at what it asks.
 *
 * - `too_large`: more than any door takes.
 * - `busy`: as many came from its network as may. `proof_needed`: more than that, and it brought no proof of work.
 */
export type RequestRefusal = "too_large" | "busy" | "proof_needed";

/** Nobody is waited for here: one in a second tells of a flood what there is to tell. */
const perSecondMax = 1;

/**
 * Records that a stranger was sent away, so that whoever looks into a flood finds when it was and where it came from. Of a flood
 * the first leave an event each and then one a second does, which says how many did not (`countRefused`); each
 * reason and act is counted apart, so that none of them hides another.
 * @param act what they wanted, where there are several.
 * @throws nothing: the answer doesn't wait for what can't be written; the server's log says that it couldn't.
 * @see audit `request.refused`
 */
export async function recordRefusedRequest(
  ctx: Context,
  reason: RequestRefusal,
  act?: string,
): Promise<void> {
  const counted = countRefused(`request/${reason}/${act ?? ""}`, perSecondMax);
  if (counted === undefined) return;
  const details = { ...(act === undefined ? {} : { act }), ...counted };
  await inTransaction((tx) =>
    recordEvent(tx, ctx, { kind: "request.refused", outcome: "refused", reason, details }),
  ).catch((error: unknown) =>
    getLog().error({ err: error, requestId: ctx.requestId }, "refusal not recorded"),
  );
}

import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { enqueueJob } from "@/lib/platform/jobs-store";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import { findLacks, makeSlots } from "./make-slots";
import { earliestEpoch, packageEnd } from "./model";
import { getServerState, retireSlots } from "./slot-store";

/** Puts the making of missing slots into the queue, in the caller's transaction. */
export async function enqueueSlots(tx: Tx, ctx: Context, delaySeconds = 0): Promise<void> {
  await enqueueJob(tx, {
    task: "make-slots",
    payload: { requestId: ctx.requestId },
    key: "make-slots",
    delaySeconds,
  });
}

const batch = 100;

/**
 * Makes the open slots that users on machines lack or will lack soon, and retires those that are of no use any more.
 *
 * One at a time, behind everybody who waits for a code to be judged. What isn't done in `secondsMax` goes on in another job.
 * The next slots are made at least a day before the last ones are too old for a package, and users are spread over four days, so
 * that a thousand laptops enrolled on one day aren't a peak three weeks later.
 *
 * @returns how many were made and retired.
 * @see audit `slot.made`, where any were; offline, "Package"; access-code, "The chain"
 */
export async function keepSlots(
  ctx: Context,
  { secondsMax = 50 }: { secondsMax?: number } = {},
): Promise<{ made: number; retired: number }> {
  await requirePermission(ctx, "system:work");
  const until = performance.now() + secondsMax * 1000;
  const isOver = () => performance.now() >= until;
  let made = 0;
  let isDone = false;
  while (!isDone && !isOver()) {
    const lacks = await findLacks({ ahead: true, limit: batch });
    let more = 0;
    for (const lack of lacks) if (!isOver()) more += await makeSlots(lack, true);
    made += more;
    isDone = lacks.length < batch || more === 0;
  }
  return inTransaction(async (tx) => {
    const { policy } = await getPolicy(tx);
    const { generation, now } = await getServerState(tx);
    const retired = await retireSlots(tx, generation, earliestEpoch(packageEnd(policy, now)));
    if (made + retired > 0)
      await recordEvent(tx, ctx, { kind: "slot.made", outcome: "ok", details: { made, retired } });
    if (isOver()) await enqueueSlots(tx, ctx, 1);
    return { made, retired };
  });
}

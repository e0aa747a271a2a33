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

/**
 * Puts the making of missing slots into the queue, in the caller's transaction: for the users of one machine, or for everybody, which
 * looks at all of them.
 */
export async function enqueueSlots(
  tx: Tx,
  ctx: Context,
  { machineId, delaySeconds = 0 }: { machineId?: string | undefined; delaySeconds?: number } = {},
): Promise<void> {
  await enqueueJob(tx, {
    task: "make-slots",
    payload: { requestId: ctx.requestId, ...(machineId === undefined ? {} : { machineId }) },
    key: machineId === undefined ? "make-slots" : `make-slots/${machineId}`,
    delaySeconds,
  });
}

/** How many users are made slots for before it is looked again who lacks some. */
const batch = 500;

/**
 * Makes the open slots that users on machines (on one, where it is named) lack or will lack soon, and retires those that are of no use
 * any more.
 *
 * One at a time, behind everybody who waits for a code to be judged. What isn't done in `secondsMax`, less than a process that is
 * told to stop may take, goes on in another job, and slots are retired when all are made.
 * The next slots are made at least a day before the last ones are too old for a package, and users are spread over four days, so
 * that a thousand laptops enrolled on one day aren't a peak three weeks later.
 *
 * @returns how many were made and retired.
 * @see audit `slot.made`, where any were; offline, "Package"; access-code, "The chain"
 */
export async function keepSlots(
  ctx: Context,
  { secondsMax = 8, machineId }: { secondsMax?: number; machineId?: string | undefined } = {},
): Promise<{ made: number; retired: number }> {
  await requirePermission(ctx, "system:work");
  const until = performance.now() + secondsMax * 1000;
  const isOver = () => performance.now() >= until;
  let made = 0;
  let isDone = false;
  while (!isDone && !isOver()) {
    const lacks = await findLacks({
      ahead: true,
      limit: batch,
      ...(machineId === undefined ? {} : { machineId }),
    });
    let more = 0;
    for (const lack of lacks) if (!isOver()) more += await makeSlots(lack, true);
    made += more;
    isDone = !isOver() && (lacks.length < batch || more === 0);
  }
  return inTransaction(async (tx) => {
    const retired = isDone && machineId === undefined ? await retire(tx) : 0;
    if (made + retired > 0)
      await recordEvent(tx, ctx, { kind: "slot.made", outcome: "ok", details: { made, retired } });
    if (!isDone) await enqueueSlots(tx, ctx, { machineId, delaySeconds: 1 });
    return { made, retired };
  });
}

async function retire(tx: Tx): Promise<number> {
  const { policy } = await getPolicy(tx);
  const { generation, now } = await getServerState(tx);
  return retireSlots(tx, generation, earliestEpoch(packageEnd(policy, now)));
}

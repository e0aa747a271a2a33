import "server-only";
import { type ForgedSlot, forgeSlot } from "@/lib/codes/slot";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { decideSlots, earliestEpoch, packageEnd } from "./model";
import {
  getServerState,
  insertSlot,
  type Lack,
  type LackQuestion,
  listLacks,
  lockNumbers,
} from "./slot-store";

/** What is asked of whom; the rest is as policy and the clock say now. */
export type Whose = Pick<LackQuestion, "ahead" | "machineId" | "userId" | "limit">;

/** Lists users who lack open slots now. */
export async function findLacks(whose: Whose): Promise<Lack[]> {
  return inStatement(async (tx) => listLacks(tx, { ...(await readQuestion(tx)), ...whose }));
}

async function readQuestion(tx: Parameters<typeof getServerState>[0]) {
  const { policy } = await getPolicy(tx);
  const { generation, now } = await getServerState(tx);
  return {
    generation,
    wanted: decideSlots(policy),
    earliestEpoch: earliestEpoch(packageEnd(policy, now)),
  };
}

/**
 * Makes what a user lacks: the slow part outside of the transaction, in which what is lacking is judged again. Two who do so at
 * once never make more than was asked for.
 * @returns how many slots were added.
 */
export async function makeSlots(lack: Lack, ahead: boolean): Promise<number> {
  const { now } = await inStatement(getServerState);
  const forged: ForgedSlot[] = [];
  for (let n = lack.once + lack.reusable; n > 0; n -= 1) forged.push(await forgeSlot(lack.userId, now));
  return inTransaction(async (tx) => {
    if (!(await lockNumbers(tx, lack.userId))) return 0;
    const question = await readQuestion(tx);
    const [left] = await listLacks(tx, { ...question, ahead, userId: lack.userId, limit: 1 });
    const once = Math.min(lack.once, left?.once ?? 0);
    const reusable = Math.min(lack.reusable, left?.reusable ?? 0);
    for (const [n, slot] of forged.slice(0, once + reusable).entries())
      await insertSlot(tx, slot, n < once ? "once" : "reusable", question.generation);
    return once + reusable;
  });
}

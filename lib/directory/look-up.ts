import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { countUpTo } from "@/lib/robots/store";
import { hasPermission } from "@/lib/staff/permission";
import { requirePermission } from "@/lib/staff/require-permission";
import type { SearchUsersInput } from "./input";
import { type Found, findUsers } from "./search";

/** By so many whole numbers somebody who doesn't see numbers may look in ten minutes: who asks for more tries numbers out. */
export const numbersMax = 30;

/** Whether whoever asks may look by one more number; the first that is one too many is in the log. */
async function admitNumber(ctx: Context): Promise<boolean> {
  const { actor } = ctx;
  if (actor.kind !== "staff" || hasPermission(actor, "phone:read")) return true;
  const key = `numbers/${actor.staffId}`;
  return inTransaction(async (tx) => {
    if ((await countUpTo(tx, key, numbersMax)) === 0) return true;
    if ((await countUpTo(tx, `${key}/told`, 1)) === 0)
      await recordEvent(tx, ctx, { kind: "access.denied", outcome: "denied", reason: "phone:read" });
    return false;
  });
}

/**
 * Looks users up as `findUsers` does. Reads only; not audited, as it is asked at every key. Whoever may not see numbers looks by
 * `numbersMax` whole ones in ten minutes at most: each that finds somebody tells a number that is shown masked. Audit `access.denied`
 * for the first beyond.
 * @throws {Denied} without `user:search`.
 * @throws {z.ZodError} where the input is none.
 */
export async function lookUpUsers(ctx: Context, input: SearchUsersInput): Promise<Found> {
  await requirePermission(ctx, "user:search");
  return inStatement((tx) => findUsers(tx, input, () => admitNumber(ctx)));
}

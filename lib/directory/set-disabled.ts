import "server-only";
import type { Tx } from "@/lib/platform/transaction";
import { indexUsers } from "./index-users";
import { putDisabled } from "./store";

/**
 * Disables a user or enables them again, and keeps the look-up in step. What they hold of emergency access is the caller's to end.
 * @returns whether anything changed; false also where there is no such user.
 */
export async function setUserDisabled(
  tx: Tx,
  input: { userId: string; isDisabled: boolean },
): Promise<boolean> {
  const isChanged = await putDisabled(tx, input.userId, input.isDisabled);
  if (isChanged) await indexUsers(tx, [input.userId]);
  return isChanged;
}

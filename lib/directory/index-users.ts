import "server-only";
import type { Tx } from "@/lib/platform/transaction";
import { listSearchables, replaceSearchKeys } from "./search-store";
import { encodeWords, toSearchKeys, toSearchWords } from "./words";

/**
 * Brings the look-up in step with users. Whatever changes a name, login, address, number, phone or whether one is disabled calls
 * it in its transaction; two such changes of one user wait for each other here.
 */
export async function indexUsers(tx: Tx, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  const users = await listSearchables(tx, userIds);
  await replaceSearchKeys(
    tx,
    users.map((user) => {
      const words = toSearchWords(user);
      return {
        userId: user.id,
        words: encodeWords(words),
        keys: toSearchKeys(words, user.disabledAt !== null),
      };
    }),
  );
}

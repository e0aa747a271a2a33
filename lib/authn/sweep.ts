import "server-only";
import { inTransaction } from "@/lib/platform/transaction";
import { attemptKeptSeconds } from "./model";
import { deleteOldAttempts } from "./outcome-store";

const batch = 1000;

/**
 * Deletes attempts whose time was over a day ago, with the name that was typed in them. The audit log stays.
 * @returns how many.
 */
export async function sweepAttempts(): Promise<number> {
  for (let total = 0; ; ) {
    const deleted = await inTransaction((tx) => deleteOldAttempts(tx, attemptKeptSeconds, batch));
    total += deleted;
    if (deleted < batch) return total;
  }
}

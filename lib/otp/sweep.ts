import "server-only";
import { inTransaction } from "@/lib/platform/transaction";
import { challengeKeptSeconds } from "./model";
import { deleteOldChallenges } from "./store";

const batch = 1000;

/**
 * Deletes challenges whose time was over a day ago: nothing judges or counts by them any more. The grants that allowed them,
 * the deliveries that carried them and the audit log stay.
 * @returns how many.
 */
export async function sweepChallenges(): Promise<number> {
  for (let total = 0; ; ) {
    const deleted = await inTransaction((tx) => deleteOldChallenges(tx, challengeKeptSeconds, batch));
    total += deleted;
    if (deleted < batch) return total;
  }
}

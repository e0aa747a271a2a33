import "server-only";
import { inTransaction } from "@/lib/platform/transaction";
import { deleteOld } from "./store";

/** Deletes counts that no rate looks at any more, and used proofs whose time is over. @returns how many. */
export async function sweepRobots(): Promise<number> {
  return inTransaction(deleteOld);
}

import "server-only";
import type { UserForAccess } from "@/lib/directory/model";
import { findUserForAccess } from "@/lib/directory/store";
import type { Tx } from "@/lib/platform/transaction";
import { lockUser } from "./store";

/** Reads the user, and holds them until the transaction ends: whoever else issues or ends for them waits. */
export async function lockUserForAccess(tx: Tx, userId: string): Promise<UserForAccess | undefined> {
  return (await lockUser(tx, userId)) ? findUserForAccess(tx, userId) : undefined;
}

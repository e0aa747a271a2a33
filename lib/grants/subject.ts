import "server-only";
import type { UserForAccess } from "@/lib/directory/model";
import { getUserForAccess } from "@/lib/directory/store";
import type { Tx } from "@/lib/platform/transaction";
import type { GrantUser } from "./model";
import { findEmail, lockUser } from "./store";

/** A user as the rules of issuing ask, and as the log and the notices name them. */
export type Subject = GrantUser & Pick<UserForAccess, "displayName" | "language">;

/** Reads the user, and holds them until the transaction ends: whoever else issues or ends for them waits. */
export async function lockSubject(tx: Tx, userId: string): Promise<Subject | undefined> {
  return readWith(tx, userId, await lockUser(tx, userId));
}

/** Reads the user. */
export async function findSubject(tx: Tx, userId: string): Promise<Subject | undefined> {
  return readWith(tx, userId, await findEmail(tx, userId));
}

async function readWith(
  tx: Tx,
  userId: string,
  found: { email: string | null } | undefined,
): Promise<Subject | undefined> {
  const user = found && (await getUserForAccess(tx, userId));
  return user && { ...user, email: found.email };
}

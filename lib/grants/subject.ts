import "server-only";
import type { UserForAccess } from "@/lib/directory/model";
import { parsePhone } from "@/lib/directory/phone";
import { getUserForAccess } from "@/lib/directory/store";
import type { Tx } from "@/lib/platform/transaction";
import type { GrantUser } from "./model";
import { findEmail, lockUser } from "./store";

/** A user as the rules of issuing ask, and as the log and the notices name them. */
export type Subject = GrantUser & Pick<UserForAccess, "displayName" | "language">;

/** Reads the user, and holds them until the transaction ends: whoever else issues or ends for them waits. */
export async function lockSubject(tx: Tx, userId: string): Promise<Subject | undefined> {
  const locked = await lockUser(tx, userId);
  return locked === undefined ? undefined : readWith(tx, userId, locked.email);
}

/** Reads the user. */
export async function findSubject(tx: Tx, userId: string): Promise<Subject | undefined> {
  const found = await findEmail(tx, userId);
  return found === undefined ? undefined : readWith(tx, userId, found.email);
}

async function readWith(tx: Tx, userId: string, email: string | null): Promise<Subject | undefined> {
  const user = await getUserForAccess(tx, userId);
  return (
    user && {
      ...user,
      email,
      phones: user.phones.map((phone) => ({ ...phone, country: parsePhone(phone.e164)?.country ?? null })),
    }
  );
}

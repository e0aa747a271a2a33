import "server-only";
import { asc, eq } from "drizzle-orm";
import { userGroup, userPhone, users } from "@/db/schema/directory";
import type { Tx } from "@/lib/platform/transaction";
import { foldKey } from "./fold";
import type { UserForAccess, UserForSignIn } from "./model";

/** The user with the id `userId`, with phones and groups, or undefined. */
export async function getUserForAccess(tx: Tx, userId: string): Promise<UserForAccess | undefined> {
  const [user] = await tx
    .select({
      id: users.id,
      login: users.login,
      displayName: users.displayName,
      directoryId: users.directoryId,
      disabledAt: users.disabledAt,
      language: users.language,
      timeZone: users.timeZone,
    })
    .from(users)
    .where(eq(users.id, userId));
  if (user === undefined) return undefined;
  const phones = await tx
    .select({
      channel: userPhone.channel,
      e164: userPhone.e164,
      heldUntil: userPhone.heldUntil,
      changedAt: userPhone.changedAt,
    })
    .from(userPhone)
    .where(eq(userPhone.userId, userId))
    .orderBy(asc(userPhone.channel));
  const groups = await tx
    .select({ name: userGroup.groupName })
    .from(userGroup)
    .where(eq(userGroup.userId, userId))
    .orderBy(asc(userGroup.groupName));
  return { ...user, phones, groups: groups.map(({ name }) => name) };
}

/**
 * The user whom `name` leads to: a login name, or an e-mail address that is one user's alone. Compared by `foldKey`.
 * Undefined for everything else: nobody, or an address that several share.
 */
export async function findUserByName(tx: Tx, name: string): Promise<UserForSignIn | undefined> {
  const key = foldKey(name);
  if (key === "") return undefined;
  const [byLogin] = await tx.select({ id: users.id }).from(users).where(eq(users.loginKey, key));
  if (byLogin !== undefined) return getUserForAccess(tx, byLogin.id);
  const [byEmail, another] = await tx
    .select({ id: users.id })
    .from(users)
    .where(eq(users.emailKey, key))
    .limit(2);
  return byEmail === undefined || another !== undefined ? undefined : getUserForAccess(tx, byEmail.id);
}

import "server-only";
import { asc, eq, type SQL, sql } from "drizzle-orm";
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

/**
 * The common table expression `subject (id, display_name, disabled)`: whom `name` leads to, as `findUserByName` has it, or no
 * row. For a statement that does the same for a name that nobody has.
 */
export function subjectCte(name: string): SQL {
  const key = foldKey(name);
  return sql`
    subject as materialized (
      select id, display_name, disabled_at is not null as disabled from users where login_key = ${key} and ${key} <> ''
      union all
      select (array_agg(id))[1], (array_agg(display_name))[1], bool_or(disabled_at is not null) from users
      where email_key = ${key} and ${key} <> '' and not exists (select from users where login_key = ${key})
      having count(*) = 1
    )`;
}

import "server-only";
import { and, asc, eq, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { phoneRemoval, userGroup, userPhone, users } from "@/db/schema/directory";
import { Fault } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import { foldKey } from "./fold";
import type { PhoneChannel, Source, UserForAccess } from "./model";

async function listGroups(tx: Tx, userId: string): Promise<string[]> {
  const groups = await tx
    .select({ name: userGroup.groupName })
    .from(userGroup)
    .where(eq(userGroup.userId, userId))
    .orderBy(asc(userGroup.groupName));
  return groups.map(({ name }) => name);
}

/** The user with the id `userId`, with phones and groups, or undefined. */
export async function findUserForAccess(tx: Tx, userId: string): Promise<UserForAccess | undefined> {
  const [user] = await tx
    .select({
      id: users.id,
      login: users.login,
      email: users.email,
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
  return { ...user, phones, groups: await listGroups(tx, userId) };
}

/** The names by which a user may sign in, the login first; none for nobody. */
export async function listSignInNames(tx: Tx, userId: string): Promise<string[]> {
  const [user] = await tx
    .select({ login: users.login, email: users.email })
    .from(users)
    .where(eq(users.id, userId));
  return user === undefined ? [] : [user.login, ...(user.email === null ? [] : [user.email])];
}

/** Somebody by all the names that may lead to them. */
export interface NamedUser {
  id: string;
  displayName: string;
  directoryId: string;
  login: string;
  email: string | null;
}

/** Everybody who has one of these ids in the directory, or whose login or address is one of these (folded); by name. */
export async function listUsersNamed(
  tx: Tx,
  { directoryIds, keys }: { directoryIds: readonly string[]; keys: readonly string[] },
): Promise<NamedUser[]> {
  return tx
    .select({
      id: users.id,
      displayName: users.displayName,
      directoryId: users.directoryId,
      login: users.login,
      email: users.email,
    })
    .from(users)
    .where(
      or(
        inArray(users.directoryId, [...directoryIds]),
        inArray(users.loginKey, [...keys]),
        inArray(users.emailKey, [...keys]),
      ),
    )
    .orderBy(asc(users.displayName), asc(users.id));
}

/**
 * The common table expression `subject (id, display_name, disabled)`: whom `name` leads to, or no row. That is who has it as login
 * name, disabled or not; else who alone has it as e-mail address and is enabled; else who alone has it and is disabled. Compared by
 * `foldKey`. For a statement that does the same for a name that nobody has.
 */
export function subjectCte(name: string): SQL {
  const key = foldKey(name);
  return sql`
    named as materialized (
      select id, display_name, disabled_at is not null as disabled, 0 as place
      from users where login_key = ${key} and ${key} <> ''
      union all
      select id, display_name, disabled_at is not null, case when disabled_at is null then 1 else 2 end
      from users where email_key = ${key} and ${key} <> '' and login_key <> ${key}
    ),
    subject as materialized (
      select (array_agg(id))[1] as id, (array_agg(display_name))[1] as display_name, bool_or(disabled) as disabled
      from named where place = (select min(place) from named) having count(*) = 1
    )`;
}

/** The user whom `name` leads to (`subjectCte`); undefined: nobody, or an address that several share. */
export async function findUserByName(tx: Tx, name: string): Promise<UserForAccess | undefined> {
  const [row] = await tx.execute<{ id: string }>(sql`with ${subjectCte(name)} select id from subject`);
  return row && findUserForAccess(tx, row.id);
}

/** A user with all that the directory knows. */
export interface UserRecord {
  id: string;
  directoryId: string;
  login: string;
  email: string | null;
  firstName: string;
  lastName: string;
  displayName: string;
  employeeNumber: string | null;
  title: string | null;
  department: string | null;
  site: string | null;
  language: string | null;
  timeZone: string | null;
  /** What they sign in with when all is well. */
  normalAuthenticators: string[];
  lastSignInAt: Date | null;
  lastSignInMethod: string | null;
  /** What keeps them up to date. */
  source: Source;
  disabledAt: Date | null;
  /** When their directory took them away; null: it did not. */
  deletedAt: Date | null;
  manager: { id: string; displayName: string; title: string | null } | null;
  groups: string[];
  phones: {
    channel: PhoneChannel;
    e164: string;
    changedAt: Date;
    changedBy: string | null;
    heldUntil: Date | null;
  }[];
}

/** Everything about the user with the id `userId`, or undefined. */
export async function findUserDetails(tx: Tx, userId: string): Promise<UserRecord | undefined> {
  const manager = alias(users, "manager");
  const [row] = await tx
    .select({
      id: users.id,
      directoryId: users.directoryId,
      login: users.login,
      email: users.email,
      firstName: users.firstName,
      lastName: users.lastName,
      displayName: users.displayName,
      employeeNumber: users.employeeNumber,
      title: users.title,
      department: users.department,
      site: users.site,
      language: users.language,
      timeZone: users.timeZone,
      normalAuthenticators: users.normalAuthenticators,
      lastSignInAt: users.lastSignInAt,
      lastSignInMethod: users.lastSignInMethod,
      source: users.source,
      disabledAt: users.disabledAt,
      deletedAt: users.deletedAt,
      managerRow: { id: manager.id, displayName: manager.displayName, title: manager.title },
    })
    .from(users)
    .leftJoin(manager, eq(manager.id, users.managerId))
    .where(eq(users.id, userId));
  if (row === undefined) return undefined;
  const { managerRow, ...user } = row;
  const phones = await tx
    .select({
      channel: userPhone.channel,
      e164: userPhone.e164,
      changedAt: userPhone.changedAt,
      changedBy: userPhone.changedBy,
      heldUntil: userPhone.heldUntil,
    })
    .from(userPhone)
    .where(eq(userPhone.userId, userId))
    .orderBy(asc(userPhone.channel));
  return { ...user, manager: managerRow, groups: await listGroups(tx, userId), phones };
}

/**
 * Locks the user until the transaction ends, for whoever changes them, and answers as `findUserDetails`; undefined also for somebody
 * whom their directory took away.
 */
export async function lockUserDetails(tx: Tx, userId: string): Promise<UserRecord | undefined> {
  await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for("no key update");
  const user = await findUserDetails(tx, userId);
  return user?.deletedAt === null ? user : undefined;
}

/** Sets a number that was set by hand, held from now on; answers until when. */
export async function putPhone(
  tx: Tx,
  phone: { userId: string; channel: PhoneChannel; e164: string; by: string; holdSeconds: number },
): Promise<Date> {
  const values = {
    e164: phone.e164,
    last4: phone.e164.slice(-4),
    changedAt: sql`now()`,
    changedBy: phone.by,
    heldUntil: sql`now() + make_interval(secs => ${phone.holdSeconds}::integer)`,
  };
  await tx
    .delete(phoneRemoval)
    .where(and(eq(phoneRemoval.userId, phone.userId), eq(phoneRemoval.channel, phone.channel)));
  const [row] = await tx
    .insert(userPhone)
    .values({ userId: phone.userId, channel: phone.channel, ...values })
    .onConflictDoUpdate({ target: [userPhone.userId, userPhone.channel], set: values })
    .returning({ heldUntil: userPhone.heldUntil });
  if (row?.heldUntil == null) throw new Fault("a number that was set is not held");
  return row.heldUntil;
}

/** Takes the number of a channel away, for good: no import brings one back. */
export async function removePhone(
  tx: Tx,
  { userId, channel, by }: { userId: string; channel: PhoneChannel; by: string },
): Promise<null> {
  await tx.delete(userPhone).where(and(eq(userPhone.userId, userId), eq(userPhone.channel, channel)));
  await tx.insert(phoneRemoval).values({ userId, channel, removedBy: by }).onConflictDoNothing();
  return null;
}

/** Disables or enables; answers whether that changed anything. Whom the directory took away stays disabled. */
export async function putDisabled(tx: Tx, userId: string, isDisabled: boolean): Promise<boolean> {
  const changed = await tx
    .update(users)
    .set({ disabledAt: isDisabled ? sql`now()` : null, updatedAt: sql`now()` })
    .where(
      and(
        eq(users.id, userId),
        sql`(${users.disabledAt} is not null) <> ${isDisabled}`,
        isNull(users.deletedAt),
      ),
    )
    .returning({ id: users.id });
  return changed.length > 0;
}

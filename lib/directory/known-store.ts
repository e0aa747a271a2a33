import "server-only";
import { sql } from "drizzle-orm";
import { textArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { DirectoryUser } from "./input";
import type { PhoneChannel, Source } from "./model";

/** Somebody who is here, as an import compares them. */
export interface KnownPerson extends Omit<DirectoryUser, "phones" | "lastSignInAt" | "lastSignInMethod"> {
  id: string;
  key: string;
  /** What keeps them up to date. */
  source: Source;
  /** `e164` null: staff took it away. */
  phones: { channel: PhoneChannel; e164: string | null; isByStaff: boolean }[];
}

/** Lets each statement of the transaction be planned for the tables as they are: those of an import grow a hundredfold meanwhile. */
export async function planAnew(tx: Tx): Promise<void> {
  await tx.execute(sql`set local plan_cache_mode = force_custom_plan`);
}

/** Those of `keys` that somebody has as login or directory id. */
export async function listTaken(tx: Tx, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.execute<{ key: string }>(sql`
    select login_key as key from users where login_key = any(${textArray(keys)})
    union all select directory_id from users where directory_id = any(${textArray(keys)})`);
  return new Set(rows.map(({ key }) => key));
}

/** Holds whom `listKnown` finds until the transaction ends: what is written by what was read of them then undoes nobody's act. */
export async function lockKnown(
  tx: Tx,
  keys: readonly string[],
  directoryIds: readonly string[] = [],
): Promise<void> {
  await tx.execute(sql`
    select from users where login_key = any(${textArray(keys)}) or directory_id = any(${textArray(directoryIds)}) order by id for no key update`);
}

/** Those whose logins, folded, are among `keys`, or whose directory ids among `directoryIds`. */
export async function listKnown(
  tx: Tx,
  keys: readonly string[],
  directoryIds: readonly string[] = [],
): Promise<KnownPerson[]> {
  return tx.execute<KnownPerson & Record<string, unknown>>(sql`
    select u.id, u.login_key as key, u.source, u.directory_id as "directoryId", u.login, u.email, u.first_name as "firstName",
      u.last_name as "lastName", u.display_name as "displayName", u.employee_number as "employeeNumber", u.title, u.department,
      u.site, u.language, u.time_zone as "timeZone", u.normal_authenticators as "normalAuthenticators",
      u.disabled_at is not null as "isDisabled", m.directory_id as "managerDirectoryId",
      array(select g.group_name from user_group g where g.user_id = u.id) as groups,
      coalesce((select jsonb_agg(jsonb_build_object('channel', p.channel, 'e164', p.e164, 'isByStaff', p.changed_by is not null))
        from (select channel, e164, changed_by from user_phone where user_id = u.id
          union all select channel, null, removed_by from phone_removal where user_id = u.id) p), '[]') as phones
    from users u left join users m on m.id = u.manager_id 
    where u.login_key = any(${textArray(keys)}) or u.directory_id = any(${textArray(directoryIds)})`);
}

/** The directory ids of logins (folded), and which of `keys` are directory ids of people with another login. */
export async function listDirectoryIds(
  tx: Tx,
  keys: readonly string[],
): Promise<{ byLogin: Map<string, string>; ofOthers: Set<string> }> {
  const rows = await tx.execute<{ key: string; directory_id: string }>(sql`
    select login_key as key, directory_id from users where login_key = any(${textArray(keys)})
    union select login_key, directory_id from users where directory_id = any(${textArray(keys)})`);
  return {
    byLogin: new Map(rows.map((row) => [row.key, row.directory_id])),
    ofOthers: new Set(rows.filter((row) => row.key !== row.directory_id).map((row) => row.directory_id)),
  };
}

/**
 * Of names, folded, those by which people are known whom others than `keepers` keep, and who keeps them: `logins` are sought among
 * addresses, `emails` among addresses and logins. An address of somebody disabled stands in nobody's way; their login does.
 */
export async function listNamesElsewhere(
  tx: Tx,
  { logins, emails }: { logins: readonly string[]; emails: readonly string[] },
  keepers: readonly Source[],
): Promise<{ byLogin: ReadonlyMap<string, Source>; byEmail: ReadonlyMap<string, Source> }> {
  const rows = await tx.execute<{ key: string; source: Source; is_login: boolean }>(sql`
    select email_key as key, source, false as is_login from users
      where email_key = any(${textArray([...logins, ...emails])}) and source <> all(${textArray(keepers)}) and disabled_at is null
    union all select login_key, source, true from users
      where login_key = any(${textArray(emails)}) and source <> all(${textArray(keepers)})`);
  const of = (isLogin: boolean) =>
    new Map(rows.filter((row) => row.is_login === isLogin).map(({ key, source }) => [key, source]));
  return { byLogin: of(true), byEmail: of(false) };
}

/** How many people whom files bring in aren't disabled. */
export async function countEnabled(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    sql`select count(*)::float8 as count from users where disabled_at is null and source in ('csv', 'demo')`,
  );
  return row?.count ?? 0;
}

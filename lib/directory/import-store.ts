import "server-only";
import { sql } from "drizzle-orm";
import { textArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import { foldKey } from "./fold";
import type { DirectoryUser } from "./input";

/** Any constant: whoever imports holds this advisory lock. */
const IMPORT_LOCK = 7_302_519;

const json = (value: unknown) => sql`${JSON.stringify(value)}::text::jsonb`;

const directoryIdsOf = (people: readonly DirectoryUser[]) =>
  sql`any(${textArray(people.map(({ directoryId }) => directoryId))})`;

/** Who somebody is, by the names of the columns. */
export const toPersonRow = (person: DirectoryUser) => ({
  directory_id: person.directoryId,
  login: person.login,
  login_key: foldKey(person.login),
  email: person.email,
  email_key: person.email === null ? null : foldKey(person.email),
  first_name: person.firstName,
  last_name: person.lastName,
  display_name: person.displayName,
  employee_number: person.employeeNumber,
  title: person.title,
  department: person.department,
  site: person.site,
  language: person.language,
  time_zone: person.timeZone,
  is_disabled: person.isDisabled,
});

/** Waits until no other import runs; they take turns. */
export async function lockImports(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${IMPORT_LOCK}::bigint)`);
}

/** Adds users and changes those that differ; answers the ids of both. Phones, groups, managers and sign-ins apart. */
export async function upsertUsers(
  tx: Tx,
  people: readonly DirectoryUser[],
  source: "csv" | "demo" | "ldap",
): Promise<{ added: string[]; changed: string[] }> {
  const rows = people.map((person) => ({
    ...toPersonRow(person),
    normal_authenticators: person.normalAuthenticators,
  }));
  const touched = await tx.execute<{ id: string; is_new: boolean }>(sql`
    insert into users as u (directory_id, source, login, login_key, email, email_key, first_name, last_name, display_name, employee_number,
      title, department, site, language, time_zone, normal_authenticators, disabled_at)
    select p.directory_id, ${source}, p.login, p.login_key, p.email, p.email_key, p.first_name, p.last_name, p.display_name, p.employee_number,
      p.title, p.department, p.site, p.language, p.time_zone, p.normal_authenticators, case when p.is_disabled then now() end
    from jsonb_to_recordset(${json(rows)}) as p (directory_id text, login text, login_key text, email text, email_key text,
      first_name text, last_name text, display_name text, employee_number text, title text, department text, site text,
      language text, time_zone text, normal_authenticators text[], is_disabled boolean)
    on conflict (directory_id) do update set
      login = excluded.login, login_key = excluded.login_key, email = excluded.email, email_key = excluded.email_key,
      first_name = excluded.first_name, last_name = excluded.last_name, display_name = excluded.display_name,
      employee_number = excluded.employee_number, title = excluded.title, department = excluded.department, site = excluded.site,
      language = excluded.language, time_zone = excluded.time_zone,
      normal_authenticators = excluded.normal_authenticators,
      disabled_at = case when excluded.disabled_at is not null then coalesce(u.disabled_at, excluded.disabled_at) end,
      updated_at = now()
    where (u.login, u.login_key, u.email, u.email_key, u.first_name, u.last_name, u.display_name, u.employee_number, u.title,
        u.department, u.site, u.language, u.time_zone, u.normal_authenticators, u.disabled_at is null)
      is distinct from (excluded.login, excluded.login_key, excluded.email, excluded.email_key, excluded.first_name,
        excluded.last_name, excluded.display_name, excluded.employee_number, excluded.title, excluded.department, excluded.site,
        excluded.language, excluded.time_zone, excluded.normal_authenticators, excluded.disabled_at is null)
    returning u.id, (u.xmax = 0) as is_new`);
  return {
    added: touched.filter(({ is_new }) => is_new).map(({ id }) => id),
    changed: touched.filter(({ is_new }) => !is_new).map(({ id }) => id),
  };
}

/** Brings phones to what the directory says, those that staff set or took away apart; answers the ids of the users whose phones differed. */
export async function upsertPhones(tx: Tx, people: readonly DirectoryUser[]): Promise<string[]> {
  const named = directoryIdsOf(people);
  const rows = people.flatMap(({ directoryId, phones }) =>
    Object.entries(phones).map(([channel, e164]) => ({ directory_id: directoryId, channel, e164 })),
  );
  const wanted = sql`(
    select u.id as user_id, p.channel, p.e164
    from jsonb_to_recordset(${json(rows)}) as p (directory_id text, channel text, e164 text)
    join users u on u.directory_id = p.directory_id
    where not exists (select from phone_removal r where r.user_id = u.id and r.channel = p.channel))`;
  const gone = await tx.execute<{ user_id: string }>(sql`
    delete from user_phone f using users u
    where f.user_id = u.id and f.changed_by is null and u.directory_id = ${named}
      and not exists (select from jsonb_to_recordset(${json(rows)}) as p (directory_id text, channel text)
        where p.directory_id = u.directory_id and p.channel = f.channel)
    returning f.user_id`);
  const put = await tx.execute<{ user_id: string }>(sql`
    insert into user_phone as f (user_id, channel, e164, last4)
    select w.user_id, w.channel, w.e164, right(w.e164, 4) from ${wanted} as w
    on conflict (user_id, channel) do update set e164 = excluded.e164, last4 = excluded.last4, changed_at = now()
    where f.changed_by is null and f.e164 <> excluded.e164
    returning f.user_id`);
  return [...new Set([...gone, ...put].map(({ user_id }) => user_id))];
}

/** Puts users into exactly the groups that the directory says. */
export async function upsertGroups(tx: Tx, people: readonly DirectoryUser[]): Promise<void> {
  const rows = people.flatMap(({ directoryId, groups }) =>
    groups.map((name) => ({ directory_id: directoryId, name })),
  );
  const named = directoryIdsOf(people);
  const wanted = sql`(
    select u.id as user_id, p.name
    from jsonb_to_recordset(${json(rows)}) as p (directory_id text, name text)
    join users u on u.directory_id = p.directory_id)`;
  await tx.execute(sql`
    delete from user_group g using users u
    where g.user_id = u.id and u.directory_id = ${named}
      and not exists (select from jsonb_to_recordset(${json(rows)}) as p (directory_id text, name text)
        where p.directory_id = u.directory_id and p.name = g.group_name)`);
  await tx.execute(sql`
    insert into user_group (user_id, group_name) select w.user_id, w.name from ${wanted} as w on conflict do nothing`);
}

/** Moves last sign-ins forward. */
export async function upsertSignIns(tx: Tx, people: readonly DirectoryUser[]): Promise<void> {
  const rows = people
    .filter(({ lastSignInAt }) => lastSignInAt !== null)
    .map(({ directoryId, lastSignInAt, lastSignInMethod }) => ({
      directory_id: directoryId,
      at: lastSignInAt,
      method: lastSignInMethod,
    }));
  await tx.execute(sql`
    update users u set last_sign_in_at = s.at, last_sign_in_method = s.method
    from jsonb_to_recordset(${json(rows)}) as s (directory_id text, at timestamptz, method text)
    where u.directory_id = s.directory_id and (u.last_sign_in_at is null or u.last_sign_in_at < s.at)`);
}

/** Gives users the managers that the directory names, or none where it names nobody who is here. */
export async function setManagers(
  tx: Tx,
  people: readonly Pick<DirectoryUser, "directoryId" | "managerDirectoryId">[],
): Promise<void> {
  const rows = people.map(({ directoryId, managerDirectoryId }) => ({
    directory_id: directoryId,
    manager: managerDirectoryId,
  }));
  await tx.execute(sql`
    update users u set manager_id = m.id
    from jsonb_to_recordset(${json(rows)}) as p (directory_id text, manager text)
      left join users m on m.directory_id = p.manager
    where u.directory_id = p.directory_id and u.manager_id is distinct from m.id`);
}

/** Makes everybody who came from a file a directory's to keep; answers how many they were. */
export async function takeOverFiles(tx: Tx, source: "scim" | "ldap"): Promise<number> {
  const [row] = await tx.execute<{ n: number }>(sql`
    with taken as (
      update users set source = ${source}, updated_at = now() where source in ('csv', 'demo') and deleted_at is null returning 1
    ) select count(*)::float8 as n from taken`);
  return row?.n ?? 0;
}

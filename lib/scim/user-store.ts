import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { foldKey } from "@/lib/directory/fold";
import { milliseconds, toDate } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { Person, StoredPerson } from "./person";

interface Row extends Record<string, unknown>, Omit<StoredPerson, "disabledAt" | "createdAt" | "updatedAt"> {
  disabled: number | null;
  created: number;
  updated: number;
}

/** Whom a SCIM client may see: those it keeps, who are still there. */
export const visible = sql`u.source = 'scim' and u.deleted_at is null`;

const columns = sql`
  u.id, u.external_id as "externalId", u.login, u.email, u.first_name as "firstName", u.last_name as "lastName",
  u.display_name as "displayName", u.title, u.language, u.time_zone as "timeZone", u.employee_number as "employeeNumber",
  u.department, ${milliseconds`u.disabled_at`} as disabled, ${milliseconds`u.created_at`} as created, ${milliseconds`u.updated_at`} as updated,
  (select json_build_object('id', m.id, 'displayName', m.display_name) from users m
    where m.id = u.manager_id and m.source = 'scim' and m.deleted_at is null) as manager,
  coalesce((select json_agg(json_build_object('channel', p.channel, 'e164', p.e164, 'isByStaff', p.changed_by is not null) order by p.channel)
    from user_phone p where p.user_id = u.id), '[]') as phones,
  coalesce((select json_agg(json_build_object('id', d.id, 'name', d.name) order by d.name)
    from user_group g join directory_group d on d.name = g.group_name where g.user_id = u.id), '[]') as groups`;

async function select(tx: Tx, rest: SQL): Promise<StoredPerson[]> {
  const rows = await tx.execute<Row>(sql`select ${columns} from users u ${rest}`);
  return rows.map(({ disabled, created, updated, ...row }) => ({
    ...row,
    disabledAt: toDate(disabled),
    createdAt: new Date(created),
    updatedAt: new Date(updated),
  }));
}

/** Finds a person whom a SCIM client keeps. */
export async function findPerson(tx: Tx, id: string): Promise<StoredPerson | undefined> {
  const [person] = await select(tx, sql`where u.id = ${id}::uuid and ${visible}`);
  return person;
}

/** As `findPerson`, held until the transaction ends. */
export async function lockPerson(tx: Tx, id: string): Promise<StoredPerson | undefined> {
  await tx.execute(sql`select from users u where u.id = ${id}::uuid and ${visible} for update`);
  return findPerson(tx, id);
}

/** A page of those who fit, in the order of their ids, and how many there are in all. */
export async function listPersons(
  tx: Tx,
  { where, offset, limit }: { where: SQL; offset: number; limit: number },
): Promise<{ total: number; people: StoredPerson[] }> {
  const fitting = sql`${visible} and (${where})`;
  const [row] = await tx.execute<{ n: number }>(
    sql`select count(*)::float8 as n from users u where ${fitting}`,
  );
  const total = row?.n ?? 0;
  const people =
    limit === 0 || offset >= total
      ? []
      : await select(
          tx,
          sql`where u.id = any(array(select u.id from users u where ${fitting} order by u.id limit ${limit} offset ${offset}))
          order by u.id`,
        );
  return { total, people };
}

/** Which of these somebody has already; undefined: neither. */
export async function findTaken(
  tx: Tx,
  { login, directoryId }: { login: string; directoryId: string },
): Promise<"userName" | "externalId" | undefined> {
  const [row] = await tx.execute<{ by: "userName" | "externalId" }>(sql`
    select case when login_key = ${foldKey(login)} then 'userName' else 'externalId' end as by
    from users where login_key = ${foldKey(login)} or directory_id = ${directoryId} order by 1 desc limit 1`);
  return row?.by;
}

const keyOf = (text: string | null) => (text === null ? null : foldKey(text));

/** Adds a person, phones apart; undefined where somebody has the login or the directory id. */
export async function insertPerson(
  tx: Tx,
  person: Person,
  directoryId: string,
): Promise<{ id: string } | undefined> {
  const [row] = await tx.execute<{ id: string }>(sql`
    insert into users (directory_id, source, external_id, login, login_key, email, email_key, first_name, last_name, display_name, title,
      language, time_zone, employee_number, department, disabled_at)
    values (${directoryId}, 'scim', ${person.externalId}, ${person.login}, ${foldKey(person.login)}, ${person.email},
      ${keyOf(person.email)}, ${person.firstName}, ${person.lastName}, ${person.displayName}, ${person.title}, ${person.language},
      ${person.timeZone}, ${person.employeeNumber}, ${person.department}, case when ${person.isDisabled}::boolean then now() end)
    on conflict do nothing returning id`);
  return row;
}

/** Brings a person to what is wanted: phones, manager and whether they may sign in apart. */
export async function updatePerson(tx: Tx, id: string, person: Person): Promise<void> {
  await tx.execute(sql`
    update users set external_id = ${person.externalId}, login = ${person.login}, login_key = ${foldKey(person.login)},
      email = ${person.email}, email_key = ${keyOf(person.email)}, first_name = ${person.firstName}, last_name = ${person.lastName},
      display_name = ${person.displayName}, title = ${person.title}, language = ${person.language}, time_zone = ${person.timeZone},
      employee_number = ${person.employeeNumber}, department = ${person.department}, updated_at = now()
    where id = ${id}::uuid`);
}

/** Gives a person the manager with an id that a SCIM client keeps, or none. */
export async function updateManager(tx: Tx, id: string, managerId: string | null): Promise<void> {
  await tx.execute(sql`
    update users set manager_id = (select m.id from users m where m.id = ${managerId}::uuid and m.source = 'scim'
      and m.deleted_at is null and m.id <> ${id}::uuid) where id = ${id}::uuid`);
}

/** The directory id of a person, by which phones are brought in. */
export async function getDirectoryId(tx: Tx, id: string): Promise<string> {
  const [row] = await tx.execute<{ directory_id: string }>(
    sql`select directory_id from users where id = ${id}::uuid`,
  );
  return row?.directory_id ?? "";
}

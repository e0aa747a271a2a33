import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { type EventRow, eventCtes } from "@/lib/audit/store";
import { foldKey } from "@/lib/directory/fold";
import { milliseconds, uuidArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import { visible } from "./user-store";

/** A group as it is stored. */
export interface StoredGroup {
  id: string;
  name: string;
  externalId: string | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  /** In the order of their ids; null where they weren't asked for. */
  members: { id: string; displayName: string }[] | null;
}

interface Row extends Record<string, unknown>, Omit<StoredGroup, "createdAt" | "updatedAt"> {
  created: number;
  updated: number;
}

async function select(tx: Tx, withMembers: boolean, rest: SQL): Promise<StoredGroup[]> {
  const members = withMembers
    ? sql`coalesce((select json_agg(json_build_object('id', u.id, 'displayName', u.display_name) order by u.id)
        from user_group g join users u on u.id = g.user_id where g.group_name = d.name and ${visible}), '[]')`
    : sql`null`;
  const rows = await tx.execute<Row>(sql`
    select d.id, d.name, d.external_id as "externalId", d.version, ${milliseconds`d.created_at`} as created,
      ${milliseconds`d.updated_at`} as updated, ${members} as members
    from directory_group d ${rest}`);
  return rows.map(({ created, updated, ...row }) => ({
    ...row,
    createdAt: new Date(created),
    updatedAt: new Date(updated),
  }));
}

/** Finds a group. */
export async function findGroupById(
  tx: Tx,
  id: string,
  withMembers: boolean,
): Promise<StoredGroup | undefined> {
  const [group] = await select(tx, withMembers, sql`where d.id = ${id}::uuid`);
  return group;
}

/** Finds a group without its members, and holds it until the transaction ends. */
export async function lockGroup(tx: Tx, id: string): Promise<StoredGroup | undefined> {
  await tx.execute(sql`select from directory_group d where d.id = ${id}::uuid for update`);
  return findGroupById(tx, id, false);
}

/** A page of the groups that fit, in the order of their ids, and how many there are in all. */
export async function listGroupsThat(
  tx: Tx,
  { where, offset, limit, withMembers }: { where: SQL; offset: number; limit: number; withMembers: boolean },
): Promise<{ total: number; groups: StoredGroup[] }> {
  const [row] = await tx.execute<{ n: number }>(
    sql`select count(*)::float8 as n from directory_group d where ${where}`,
  );
  const total = row?.n ?? 0;
  const groups =
    limit === 0 || offset >= total
      ? []
      : await select(
          tx,
          withMembers,
          sql`where d.id = any(array(select d.id from directory_group d where ${where} order by d.id limit ${limit} offset ${offset}))
          order by d.id`,
        );
  return { total, groups };
}

/** Adds a group; undefined where there is one of that name, whatever its case. */
export async function insertGroup(
  tx: Tx,
  group: { name: string; externalId: string | null },
): Promise<{ id: string } | undefined> {
  const [row] = await tx.execute<{ id: string }>(sql`
    insert into directory_group (name, name_key, external_id) values (${group.name}, ${foldKey(group.name)}, ${group.externalId})
    on conflict do nothing returning id`);
  return row;
}

/** Writes name and external id, and takes the members along to the new name. */
export async function updateGroup(
  tx: Tx,
  before: StoredGroup,
  after: { name: string; externalId: string | null },
): Promise<void> {
  await tx.execute(sql`
    update directory_group set name = ${after.name}, name_key = ${foldKey(after.name)}, external_id = ${after.externalId}
    where id = ${before.id}::uuid`);
  if (after.name === before.name) return;
  await tx.execute(sql`
    insert into user_group (user_id, group_name)
    select g.user_id, ${after.name} from user_group g join users u on u.id = g.user_id
    where g.group_name = ${before.name} and ${visible} on conflict do nothing`);
  await tx.execute(sql`
    delete from user_group g using users u where u.id = g.user_id and g.group_name = ${before.name} and ${visible}`);
}

/** Notes that a group or its members changed. */
export async function bumpGroup(tx: Tx, id: string): Promise<void> {
  await tx.execute(
    sql`update directory_group set version = version + 1, updated_at = now() where id = ${id}::uuid`,
  );
}

/** Takes a group away; its members first. */
export async function deleteGroup(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`delete from directory_group where id = ${id}::uuid`);
}

/** How many of `ids` are of people whom a SCIM client keeps. */
export async function countPeople(tx: Tx, ids: readonly string[]): Promise<number> {
  const [row] = await tx.execute<{ n: number }>(
    sql`select count(*)::float8 as n from users u where u.id = any(${uuidArray(ids)}) and ${visible}`,
  );
  return row?.n ?? 0;
}

/** Puts people into a group, with an event for each who wasn't in it; answers how many that were. */
export async function addMembers(
  tx: Tx,
  name: string,
  ids: readonly string[],
  event: EventRow,
): Promise<number> {
  const [row] = await tx.execute<{ n: number }>(sql`
    with put as (
      insert into user_group (user_id, group_name) select u.id, ${name} from users u where u.id = any(${uuidArray(ids)}) and ${visible}
      on conflict do nothing returning user_id
    ), ${eventCtes("event", event, sql`put`, { userId: sql`user_id` })}
    select count(*)::float8 as n from put`);
  return row?.n ?? 0;
}

/** Takes people out of a group, with an event for each who was in it: `ids`, or all but `except`. Answers how many that were. */
export async function removeMembers(
  tx: Tx,
  name: string,
  which: { ids: readonly string[] } | { except: readonly string[] },
  event: EventRow,
): Promise<number> {
  const meant =
    "ids" in which
      ? sql`u.id = any(${uuidArray(which.ids)})`
      : sql`not (u.id = any(${uuidArray(which.except)}))`;
  const [row] = await tx.execute<{ n: number }>(sql`
    with gone as (
      delete from user_group g using users u where u.id = g.user_id and g.group_name = ${name} and ${visible} and ${meant}
      returning g.user_id
    ), ${eventCtes("event", event, sql`gone`, { userId: sql`user_id` })}
    select count(*)::float8 as n from gone`);
  return row?.n ?? 0;
}

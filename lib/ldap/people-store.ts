import "server-only";
import { sql } from "drizzle-orm";
import { textArray, uuidArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";

/** How many people whom the directory keeps may sign in. */
export async function countKept(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    sql`select count(*)::float8 as count from users where disabled_at is null and source = 'ldap'`,
  );
  return row?.count ?? 0;
}

/** Up to `limit` people whom the directory keeps and who may sign in, with ids above `after`, in the order of their ids. */
export async function listKept(
  tx: Tx,
  after: string | null,
  limit: number,
): Promise<{ id: string; directoryId: string; login: string }[]> {
  return tx.execute<{ id: string; directoryId: string; login: string }>(sql`
    select id, directory_id as "directoryId", login from users
    where disabled_at is null and source = 'ldap' and (${after}::uuid is null or id > ${after}::uuid) order by id limit ${limit}`);
}

/** Those of `directoryIds` whom the directory keeps and who may sign in. */
export async function findKept(
  tx: Tx,
  directoryIds: readonly string[],
): Promise<{ id: string; directoryId: string }[]> {
  return tx.execute<{ id: string; directoryId: string }>(sql`
    select id, directory_id as "directoryId" from users
    where disabled_at is null and source = 'ldap' and directory_id = any(${textArray(directoryIds)})`);
}

/** Those of `directoryIds` who are here, whoever keeps them. */
export async function findHere(tx: Tx, directoryIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.execute<{ directoryId: string }>(
    sql`select directory_id as "directoryId" from users where directory_id = any(${textArray(directoryIds)})`,
  );
  return new Set(rows.map(({ directoryId }) => directoryId));
}

/** The directory ids of those who have one of the logins `keys`, by the logins. */
export async function findHolders(
  tx: Tx,
  keys: readonly string[],
): Promise<{ key: string; directoryId: string }[]> {
  return tx.execute<{ key: string; directoryId: string }>(
    sql`select login_key as key, directory_id as "directoryId" from users where login_key = any(${textArray(keys)})`,
  );
}

/** Takes the logins of people who are given others in the same transaction, in whatever order that is. Nobody can type what they have meanwhile. */
export async function freeLogins(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.execute(sql`update users set login_key = 'FREED ' || id where id = any(${uuidArray(ids)})`);
}

/** Gives somebody who came from a file the id that the directory knows them by; staff who are the same person follow. */
export async function renumber(tx: Tx, id: string, directoryId: string): Promise<void> {
  await tx.execute(sql`
    with was as (select directory_id from users where id = ${id}::uuid),
      followed as (update staff set user_directory_id = ${directoryId} from was where user_directory_id = was.directory_id)
    update users set directory_id = ${directoryId} where id = ${id}::uuid`);
}

import "server-only";
import { sql } from "drizzle-orm";
import type { PersonFields } from "@/lib/directory/people-columns";
import type { Why } from "@/lib/directory/why";
import { textArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";

/** Somebody whom a source names, to be kept until the import has ended. */
export interface NewLine {
  key: string;
  line: number;
  login: string;
  /** null: what is said of them was refused. */
  fields: PersonFields | null;
  isManagerAwaited: boolean;
  isUnchanged: boolean;
}

/** The same, as it is read again. */
export interface StoredLine {
  key: string;
  line: number;
  login: string;
  fields: PersonFields;
}

/** Keeps lines, of each key the first; what was kept before stays. */
export async function insertLines(tx: Tx, jobId: string, lines: readonly NewLine[]): Promise<void> {
  const column = <T>(of: (line: NewLine) => T) => sql.param(lines.map(of));
  await tx.execute(sql`
    insert into import_line (job_id, key, line, login, fields, is_manager_awaited, is_unchanged)
    select ${jobId}::uuid, t.* from unnest(${column(({ key }) => key)}::text[], ${column(({ line }) => line)}::integer[],
      ${column(({ login }) => login)}::text[],
      ${column(({ fields }) => (fields === null ? null : JSON.stringify(fields)))}::jsonb[],
      ${column((line) => line.isManagerAwaited)}::boolean[], ${column((line) => line.isUnchanged)}::boolean[]) as t
    on conflict do nothing`);
}

/** Where those of `keys` stand whom the import named already. */
export async function findLines(
  tx: Tx,
  jobId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.execute<{ key: string; line: number }>(
    sql`select key, line from import_line where job_id = ${jobId}::uuid and key = any(${textArray(keys)})`,
  );
  return new Map(rows.map(({ key, line }) => [key, line]));
}

/** A line that isn't taken. */
export interface NewRefusal {
  line: number;
  cells: readonly string[];
  why: Why;
}

/** Keeps lines that aren't taken. PostgreSQL keeps no NUL. */
export async function insertRefusals(tx: Tx, jobId: string, refusals: readonly NewRefusal[]): Promise<void> {
  if (refusals.length === 0) return;
  const rows = refusals.map(({ line, cells, why }) => ({
    line,
    cells: cells.map((cell) => cell.replaceAll("\0", "\ufffd")),
    why,
  }));
  await tx.execute(sql`
    insert into import_refusal (job_id, line, cells, why)
    select ${jobId}::uuid, r.line, r.cells, r.why
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r (line integer, cells text[], why jsonb)
    on conflict do nothing`);
}

/** A page of lines that aren't taken, in their order. */
export async function listRefusals(
  tx: Tx,
  jobId: string,
  after: number,
  limit: number,
): Promise<{ line: number; cells: string[]; why: Why }[]> {
  return tx.execute<{ line: number; cells: string[]; why: Why }>(sql`
    select line, cells, why from import_refusal where job_id = ${jobId}::uuid and line > ${after} order by line limit ${limit}`);
}

/**
 * A page of those who are taken, in the order of their keys.
 * @param limit how many at most.
 * @param bytesMax from so many bytes on no more are read: one at least.
 */
export async function listLines(
  tx: Tx,
  jobId: string,
  after: string,
  { limit, bytesMax }: { limit: number; bytesMax: number },
): Promise<StoredLine[]> {
  return tx.execute<StoredLine & Record<string, unknown>>(sql`
    select key, line, login, fields from (
      select key, line, login, fields, sum(octet_length(fields::text)) over (order by key) - octet_length(fields::text) as before
      from (
        select key, line, login, fields from import_line
        where job_id = ${jobId}::uuid and key > ${after} and fields is not null order by key limit ${limit}) as page) as sized
    where before < ${bytesMax} order by key`);
}

/** How many are taken. */
export async function countLines(tx: Tx, jobId: string): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(
    sql`select count(*)::float8 as count from import_line where job_id = ${jobId}::uuid and fields is not null`,
  );
  return row?.count ?? 0;
}

/** Of a page of lines by their keys: the last key, and how many whose manager was awaited get one after all, or don't. */
export async function judgeAwaited(
  tx: Tx,
  jobId: string,
  after: string,
  limit: number,
): Promise<{ last: string | null; becomeChanged: number; unknown: number }> {
  const [row] = await tx.execute<{ last: string | null; becomeChanged: number; unknown: number }>(sql`
    with page as (
      select key, fields->>'managerKey' as manager, is_manager_awaited, is_unchanged from import_line
      where job_id = ${jobId}::uuid and key > ${after} order by key limit ${limit}),
    judged as (
      select p.is_unchanged, exists (select from import_line m where m.job_id = ${jobId}::uuid and m.key = p.manager and m.fields is not null) as is_known
      from page p where p.is_manager_awaited)
    select (select max(key) from page) as last,
      (select count(*) from judged where is_known and is_unchanged)::integer as "becomeChanged",
      (select count(*) from judged where not is_known)::integer as unknown`);
  return row ?? { last: null, becomeChanged: 0, unknown: 0 };
}

/** Gives a page of people the managers whom the lines name, or none where those are nowhere. Answers as `judgeAwaited` does. */
export async function settleManagers(
  tx: Tx,
  jobId: string,
  after: string,
  limit: number,
): Promise<{ last: string | null; becomeChanged: number; unknown: number }> {
  const [row] = await tx.execute<{ last: string | null; becomeChanged: number; unknown: number }>(sql`
    with page as (
      select key, fields->>'managerKey' as manager, is_unchanged from import_line
      where job_id = ${jobId}::uuid and key > ${after} order by key limit ${limit}),
    wanted as (
      select u.id, u.manager_id, m.id as wanted_id, p.is_unchanged from page p
      join users u on u.login_key = p.key and u.source in ('csv', 'demo')
      left join users m on m.login_key = p.manager where p.manager is not null),
    put as (
      update users u set manager_id = w.wanted_id from wanted w
      where u.id = w.id and u.manager_id is distinct from w.wanted_id returning w.is_unchanged)
    select (select max(key) from page) as last,
      (select count(*) from put where is_unchanged)::integer as "becomeChanged",
      (select count(*) from wanted where wanted_id is null)::integer as unknown`);
  return row ?? { last: null, becomeChanged: 0, unknown: 0 };
}

/** A page of the people whom files bring in and who may sign in, in the order of their ids; `isNamed`: the import names them. */
export async function listEnabled(
  tx: Tx,
  jobId: string,
  after: string | null,
  limit: number,
): Promise<{ id: string; login: string; isNamed: boolean }[]> {
  return tx.execute<{ id: string; login: string; isNamed: boolean }>(sql`
    select u.id, u.login, exists (select from import_line l where l.job_id = ${jobId}::uuid and l.key = u.login_key) as "isNamed"
    from (select id, login, login_key from users
      where disabled_at is null and source in ('csv', 'demo') and (${after}::uuid is null or id > ${after}::uuid)
      order by id limit ${limit}) u order by u.id`);
}

/** How many of the people whom files bring in and who may sign in the import doesn't name. */
export async function countUnnamed(tx: Tx, jobId: string): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(sql`
    select count(*)::float8 as count from users u where u.disabled_at is null and u.source in ('csv', 'demo')
      and not exists (select from import_line l where l.job_id = ${jobId}::uuid and l.key = u.login_key)`);
  return row?.count ?? 0;
}

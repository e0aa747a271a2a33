import "server-only";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { to } from "pg-copy-streams";
import type { Sql, TransactionSql } from "postgres";
import { connect } from "@/db/client";
import { Fault } from "@/lib/platform/outcome";

/** One table as a backup holds it: its columns in the order of its COPY text. */
export interface TableShape {
  name: string;
  columns: string[];
}

/** A connection of the tables' owner, for the operator's acts alone. */
export type OwnerSql = Sql;
/** The same, inside its one transaction. */
export type OwnerTransaction = TransactionSql;

/** Opens a connection as the owner of the database at `url`. */
export function connectAsOwner(url: string): OwnerSql {
  return connect(url, { max: 2 });
}

/** The name and time of the last migration that was applied: what two databases must share to exchange rows. */
export async function readSchemaVersion(sql: Sql | TransactionSql): Promise<string> {
  const [row] = await sql<
    { hash: string }[]
  >`select hash from drizzle.__drizzle_migrations order by created_at desc limit 1`;
  return row?.hash ?? "none";
}

/** Every table of ours, each after those that it refers to. */
export async function listTables(sql: Sql | TransactionSql): Promise<TableShape[]> {
  const tables = await sql<{ name: string; columns: string[] }[]>`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by c.relname order by c.relname`;
  const references = await sql<{ name: string; refers: string }[]>`
    select distinct conrelid::regclass::text as name, confrelid::regclass::text as refers from pg_constraint
    where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid`;
  const sorted: TableShape[] = [];
  const left = new Map(tables.map((table) => [table.name, table]));
  while (left.size > 0) {
    const ready = [...left.values()].filter(
      (table) => !references.some((reference) => reference.name === table.name && left.has(reference.refers)),
    );
    if (ready.length === 0) throw new Fault("tables refer to each other in a circle");
    for (const table of ready) {
      sorted.push({ name: table.name, columns: table.columns });
      left.delete(table.name);
    }
  }
  return sorted;
}

/** Answers the rows of a table as PostgreSQL's COPY text. */
export type CopyOut = (table: TableShape) => Readable;

/**
 * Runs `work` on the database at `url` as it is at one moment, however long it takes and whatever is written meanwhile. Tables are copied
 * out by a connection of another driver, which shows the same moment: `postgres` 3.4.9 never hears of the end of a COPY that
 * comes just after it stopped listening because enough was waiting to be read.
 */
export async function inSnapshot<T>(
  url: string,
  sql: Sql,
  work: (tx: TransactionSql, copyOut: CopyOut) => Promise<T>,
): Promise<T> {
  const copier = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A loss is told by the statement that fails; without a listener it would end the process on the spot.
  copier.on("error", () => undefined);
  await copier.connect();
  const quote = (name: string) => copier.escapeIdentifier(name);
  try {
    return (await sql.begin("isolation level repeatable read read only", async (tx) => {
      const [row] = await tx<{ snapshot: string }[]>`select pg_export_snapshot() as snapshot`;
      await copier.query("begin isolation level repeatable read read only");
      await copier.query(`set transaction snapshot ${copier.escapeLiteral(row?.snapshot ?? "")}`);
      return work(tx, ({ name, columns }) =>
        copier.query(to(`copy ${quote(name)} (${columns.map(quote).join(", ")}) to stdout`)),
      );
    })) as T;
  } finally {
    await copier.end();
  }
}

/** Reads rows of COPY text into `table`. */
export async function copyIn(sql: TransactionSql, table: TableShape, rows: Readable): Promise<void> {
  const into = await sql`copy ${sql(table.name)} (${sql(table.columns)}) from stdin`.writable();
  await pipeline(rows, into);
}

/** Whether anything was ever entered here that a restore would overwrite. */
export async function hasContent(sql: Sql | TransactionSql): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select exists (select 1 from staff) or exists (select 1 from users) or exists (select 1 from audit_event) or exists (select 1 from grants) as found`;
  return row?.found ?? true;
}

/** Removes the row that a fresh installation begins with, so that the one from the backup can take its place. */
export async function removeFirstState(sql: TransactionSql): Promise<void> {
  await sql`delete from server_state`;
}

/** Whether endpoints are told of events from here on: not of those that are copied in, they were on their day. */
export async function setTellsWebhooks(sql: TransactionSql, tells: boolean): Promise<void> {
  await sql.unsafe(
    `alter table audit_event ${tells ? "enable" : "disable"} trigger audit_event_tell_webhooks`,
  );
}

/** Lets every counter of an identity column go on behind the highest number that was restored. */
export async function advanceCounters(sql: TransactionSql): Promise<void> {
  const columns = await sql<{ table: string; column: string }[]>`
    select table_name as table, column_name as column from information_schema.columns where table_schema = 'public' and is_identity = 'YES'`;
  for (const { table, column } of columns) {
    await sql`select setval(pg_get_serial_sequence(${table}, ${column}), greatest((select max(${sql(column)}) from ${sql(table)}), 1), exists (select 1 from ${sql(table)}))`;
  }
}

/** What a restore ended because nobody can know what became of it since the backup. */
export interface RestoreEnds {
  generation: number;
  grantsRevoked: number;
  slotsRetired: number;
  sessionsEnded: number;
  deliveriesFailed: number;
}

/**
 * Begins a new generation (access-code, "After a restore from backup"): every live grant is revoked, every open slot retired,
 * every OTP, attempt, sign-in at an application, staff session and one-time link of staff ended, and nothing that waited is sent. Each revocation has its audit event.
 */
export async function beginGeneration(sql: TransactionSql, requestId: string): Promise<RestoreEnds> {
  await sql`update webhook_message set state = 'dead', ended_at = now(), claimed_until = null where state = 'waiting'`;
  const [state] = await sql<
    { generation: number }[]
  >`update server_state set generation = generation + 1 returning generation`;
  const grants = await sql`
    with ended as (
      update grants set ended_at = now(), ended_as = 'revoked', ended_by = 'operator', end_reason = 'restored' where ended_at is null returning id, user_id
    )
    insert into audit_event (kind, outcome, actor_kind, actor_id, user_id, grant_id, request_id, details)
    select 'grant.revoked', 'ok', 'operator', 'restore', user_id, id, ${requestId}, '{"reason": "restored"}' from ended`;
  await sql`update enrolment_token set used_at = now() where used_at is null`;
  const slots =
    await sql`update slot set retired_at = now(), seed_cipher = null, seed_key_id = null where issued_at is null and retired_at is null`;
  await sql`update challenge set ended_at = now(), end_reason = 'restored' where spent_at is null and ended_at is null`;
  await sql`update authn_attempt set state = 'failed', ended_at = now() where state = 'open'`;
  const sessions =
    await sql`update staff_session set ended_at = now(), ended_reason = 'restored' where ended_at is null`;
  await sql`update staff_token set used_at = now() where used_at is null`;
  await sql`update openid_sign_in set ended_at = now() where ended_at is null`;
  await sql`delete from openid_entry`;
  const deliveries = await sql`
    update delivery set state = 'failed', failure = 'restored', ended_at = now() where state in ('queued', 'sending')`;
  await sql`insert into audit_event (kind, outcome, actor_kind, actor_id, request_id, details)
    values ('server.restored', 'ok', 'operator', 'restore', ${requestId}, ${sql.json({ generation: state?.generation ?? 0, grantsRevoked: grants.count })})`;
  return {
    generation: state?.generation ?? 0,
    grantsRevoked: grants.count,
    slotsRetired: slots.count,
    sessionsEnded: sessions.count,
    deliveriesFailed: deliveries.count,
  };
}

/** Records that a backup was made. */
export async function recordBackup(sql: Sql, requestId: string, rows: number): Promise<void> {
  await sql`insert into audit_event (kind, outcome, actor_kind, actor_id, request_id, details)
    values ('server.backed-up', 'ok', 'operator', 'backup', ${requestId}, ${sql.json({ rows })})`;
}

import "server-only";
import { DrizzleQueryError, type ExtractTablesWithRelations } from "drizzle-orm";
import type { PgTransaction } from "drizzle-orm/pg-core";
import { APPLICATION_ROLE } from "@/db/client";
import { openPool, type Pool, type RowsResult } from "@/db/pool";
import { getConfig } from "./config";
import { Fault } from "./outcome";
import { processWide } from "./process-wide";

/** A transaction in progress: what a step takes, and what no door can make. */
export type Tx = PgTransaction<
  RowsResult,
  Record<string, never>,
  ExtractTablesWithRelations<Record<string, never>>
>;

const kept = processWide("database", (): { pool?: Pool } => ({}));

function database(): Pool {
  if (kept.pool === undefined) {
    const { DATABASE_URL, DATABASE_POOL_MAX } = getConfig();
    kept.pool = openPool(DATABASE_URL, { role: APPLICATION_ROLE, max: DATABASE_POOL_MAX });
  }
  return kept.pool;
}

const RETRIABLE = new Set(["40001", "40P01"]);
const RETRIES_MAX = 3;

function codeOf(error: unknown): string | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    const code = (e as { code?: unknown }).code;
    if (typeof code === "string") return code;
  }
  return undefined;
}

/**
 * What callers and logs get in place of drizzle's error, whose message repeats every parameter of the statement: numbers,
 * names, digests. The driver's error is the `cause`, and `db/pool.ts` took the values out of it.
 */
function withoutParameters(error: unknown): unknown {
  if (!(error instanceof DrizzleQueryError)) return error;
  return new Fault(`the database refused a statement: ${codeOf(error.cause) ?? "no reason"}`, {
    cause: error.cause,
  });
}

/**
 * Runs `work` in one transaction: all of it, or nothing. A deadlock or a serialization failure runs it again, up to 3 times.
 * @throws whatever `work` throws, after a rollback; a lost database as the driver's error (`isDatabaseAway`).
 */
export async function inTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database().transaction((tx) => work(tx as Tx));
    } catch (error) {
      if (attempt < RETRIES_MAX && RETRIABLE.has(codeOf(error) ?? "")) continue;
      throw withoutParameters(error);
    }
  }
}

/**
 * Runs `work` inside of `tx` so that a refusal of it undoes all that it wrote, and `tx` goes on.
 * @throws whatever `work` throws; that undoes it too.
 */
export async function undoneByRefusal<R extends { ok: boolean }>(
  tx: Tx,
  work: (tx: Tx) => Promise<R>,
): Promise<R> {
  const undo = new Error("undone by a refusal");
  let result: R | undefined;
  try {
    return await tx.transaction(async (inner) => {
      result = await work(inner);
      if (!result.ok) throw undo;
      return result;
    });
  } catch (error) {
    if (error === undo && result !== undefined) return result;
    throw error;
  }
}

/** Runs `read` on the pool without a transaction: for a single statement, which is its own. */
export async function inStatement<T>(read: (tx: Tx) => Promise<T>): Promise<T> {
  try {
    return await read(database().statements as unknown as Tx);
  } catch (error) {
    throw withoutParameters(error);
  }
}

/**
 * Keeps what `build` makes of a query builder for `tx` (a prepared query), so that its text is made once for all `inStatement`, and
 * once for each transaction: making one takes longer than to send it. For statements that are asked all day. What it is called
 * is for the reader; the pool names statements by their text.
 */
export function keepPrepared<Query>(build: (tx: Tx) => Query): (tx: Tx) => Query {
  const kept = new WeakMap<Tx, Query>();
  return (tx) => {
    const known = kept.get(tx) ?? build(tx);
    kept.set(tx, known);
    return known;
  };
}

const AWAY = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOENT",
  "EPIPE",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "57P01",
  "57P02",
  "57P03",
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
  "25006",
  "53300",
  "55P03",
  "57014",
]);

/** Whether `error` says that the database can't be reached or doesn't keep up now, rather than that we asked it wrongly. */
export function isDatabaseAway(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && AWAY.has(code);
}

/** Whether `error` says that a unique index would have been broken. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === "23505";
}

/** Closes the pool; the last act of a process. */
export async function closeDatabase(): Promise<void> {
  await kept.pool?.close();
  delete kept.pool;
}

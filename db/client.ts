import "server-only";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";

/** The role that the application works as: it can add to the audit tables and read them, and change nothing there. */
export const APPLICATION_ROLE = "sparekey_app";

/**
 * Opens connections to the PostgreSQL at `url`. A socket's folder may stand in the address as `?host=/folder`, as libpq has it.
 * Connects lazily, and again after a loss.
 */
export function connect(url: string, options: postgres.Options<Record<string, never>> = {}): postgres.Sql {
  const address = new URL(url);
  const host = address.searchParams.get("host");
  address.searchParams.delete("host");
  return postgres(address.href, {
    connect_timeout: 5,
    onnotice: () => undefined,
    ...(host === null ? {} : { host }),
    ...options,
  });
}

/**
 * Has every query that takes parameters prepared under a name, once a connection. Drizzle sends them unnamed, and the
 * driver then asks for the parameters' types first and the server plans anew: two round trips each time in place of one.
 */
function preparing<T extends postgres.ISql>(sql: T): T {
  return new Proxy(sql, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (property === "unsafe") {
        const unsafe = value as postgres.Sql["unsafe"];
        return ((query, parameters = [], options = {}) =>
          unsafe(query, parameters, {
            ...options,
            prepare: parameters.length > 0,
          })) satisfies postgres.Sql["unsafe"];
      }
      if (property === "begin" || property === "savepoint") {
        const begin = value as (work: (inner: postgres.TransactionSql) => unknown) => unknown;
        return (work: (inner: postgres.TransactionSql) => unknown) =>
          begin((inner) => work(preparing(inner)));
      }
      return value;
    },
  });
}

/** A connection pool with drizzle over it. */
export interface Database {
  sql: postgres.Sql;
  orm: PostgresJsDatabase;
  close(): Promise<void>;
}

/**
 * Opens a pool at `url` (PostgreSQL 15 or newer). Connects lazily, and again after a loss.
 * @param options.role the role to work as; without it the login's own.
 * @param options.max the most connections at once.
 */
export function openDatabase(
  url: string,
  options: { role?: string; max?: number; applicationName?: string } = {},
): Database {
  const sql = connect(url, {
    max: options.max ?? 16,
    idle_timeout: 60,
    max_lifetime: 60 * 60,
    connection: {
      application_name: options.applicationName ?? "sparekey",
      TimeZone: "UTC",
      statement_timeout: 15_000,
      lock_timeout: 10_000,
      idle_in_transaction_session_timeout: 30_000,
      ...(options.role === undefined ? {} : { role: options.role }),
    },
  });
  return {
    sql,
    orm: drizzle(preparing(sql), { casing: "snake_case" }),
    close: () => sql.end({ timeout: 5 }),
  };
}

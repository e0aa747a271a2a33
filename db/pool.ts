import "server-only";
import { drizzle } from "drizzle-orm/node-postgres";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import pg from "pg";

/** What a statement gives: its rows, in an array. */
export interface RowsResult extends PgQueryResultHKT {
  type: this["row"][];
}

/** What runs statements. */
export type Orm = PgDatabase<RowsResult, Record<string, never>>;

/** Of an error that is the connection's and not the database's answer (SQLSTATE "connection_failure"). */
const CONNECTION_FAILURE = "08006";

/** The driver tells of a lost connection by words alone: give it the code that the standard has for it. */
function withCode(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof pg.DatabaseError || "code" in error) return error;
  return Object.assign(error, { code: CONNECTION_FAILURE });
}

/**
 * Takes out of an error of the server what may quote a value: all its words. Its code, and the names of the table, column and
 * constraint, stay. Whoever prints the error whole, a library or the platform, then prints no more than that.
 */
function withoutValues(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const { stack = "", message } = error;
  error.message = `SQLSTATE ${error.code ?? "unknown"}`;
  error.stack = `${error.name}: ${error.message}${stack.slice(stack.indexOf(message) + message.length)}`;
  for (const quoting of ["detail", "hint", "where", "internalQuery"] as const) error[quoting] = undefined;
  return error;
}

const names = new Map<string, string>();

/** The name under which a statement is prepared: the same for the same text in every connection. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `sparekey_${names.size + 1}`;
  names.set(text, name);
  return name;
}

type Rows = unknown[] & { rows: unknown[] };

/**
 * A connection that prepares every statement with parameters under a name, once: drizzle sends them unnamed, and the server
 * then plans anew each time. Answers an array of rows.
 */
class Connection extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    // Whoever uses it hears of a loss by the statement that fails; without a listener the process would end.
    this.on("error", () => undefined);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the driver's own overloads can't be extended
  override async query(config: any, values?: any): Promise<any> {
    const statement = typeof config === "string" ? { text: config } : config;
    const name = Array.isArray(values) && values.length > 0 ? nameOf(statement.text) : undefined;
    try {
      const { rows } = await super.query({ ...statement, name }, values);
      return Object.assign(rows, { rows }) as Rows;
    } catch (error) {
      throw withoutValues(withCode(error));
    }
  }
}

/** The application's connections, with drizzle over them. */
export interface Pool {
  /** Runs each statement on whichever connection is free, or will be: every one is its own transaction. */
  statements: Orm;
  /** Runs in one transaction on one connection: all of it, or nothing. */
  transaction<T>(work: (orm: Orm) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const toOrm = (client: Pick<pg.Client, "query">): Orm =>
  drizzle({ client: client as pg.Client, casing: "snake_case" }) as unknown as Orm;

/**
 * Opens a pool at `url` (PostgreSQL 15 or newer). Connects lazily, and again after a loss: whatever a lost connection was
 * doing fails, and nothing waits for it.
 * @param options.role the role to work as.
 * @param options.max the most connections at once. Who waits 10 s for one is refused.
 */
export function openPool(url: string, options: { role: string; max: number }): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    Client: Connection as unknown as new () => pg.Client,
    max: options.max,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    maxLifetimeSeconds: 60 * 60,
    application_name: "sparekey",
    statement_timeout: 15_000,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 30_000,
    options: `-c role=${options.role} -c TimeZone=UTC`,
  });
  // A connection that is lost while nobody uses it: the next who asks gets another one.
  pool.on("error", () => undefined);

  async function withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw withCode(error);
    });
    try {
      return await work(client);
    } finally {
      client.release();
    }
  }

  const query = (config: pg.QueryConfig, values: unknown[]) =>
    withClient((client) => client.query(config, values));
  const orms = new WeakMap<pg.PoolClient, Orm>();
  const ormOf = (client: pg.PoolClient): Orm => {
    const known = orms.get(client) ?? toOrm(client);
    orms.set(client, known);
    return known;
  };
  return {
    statements: toOrm({ query } as Pick<pg.Client, "query">),
    transaction: (work) => withClient((client) => ormOf(client).transaction((tx) => work(tx))),
    close: () => pool.end(),
  };
}

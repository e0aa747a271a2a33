import "server-only";
import path from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as runMigrations } from "drizzle-orm/postgres-js/migrator";
import { runMigrations as runQueueMigrations } from "graphile-worker";
import type postgres from "postgres";
import { APPLICATION_ROLE, connect } from "./client";

/** Any constant: whoever migrates holds this advisory lock. */
const MIGRATION_LOCK = 7_302_518;

const OLDEST_POSTGRES = 150_000;

/** Roles belong to the whole cluster: another database may have made it, or make it at this moment. PostgreSQL 16 parts being a member from working as the role. */
const ROLE = `
  DO $$ BEGIN
    IF to_regrole('${APPLICATION_ROLE}') IS NULL THEN CREATE ROLE ${APPLICATION_ROLE} NOLOGIN; END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$;
  DO $$ BEGIN
    IF NOT pg_has_role(current_user, '${APPLICATION_ROLE}',
      CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
    THEN GRANT ${APPLICATION_ROLE} TO CURRENT_USER; END IF;
  EXCEPTION WHEN unique_violation THEN NULL;
  END $$;
`;

/** What the application's role may do: everything but change what is only ever added to. */
const RIGHTS = `
  GRANT USAGE ON SCHEMA public TO ${APPLICATION_ROLE};
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${APPLICATION_ROLE};
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${APPLICATION_ROLE};
  GRANT EXECUTE ON FUNCTION sparekey_enqueue_job(text, json, text, timestamptz) TO ${APPLICATION_ROLE};
  GRANT EXECUTE ON FUNCTION sparekey_has_job(text, interval) TO ${APPLICATION_ROLE};
  GRANT EXECUTE ON FUNCTION sparekey_settled_until() TO ${APPLICATION_ROLE};
  REVOKE UPDATE, DELETE, TRUNCATE ON audit_event, audit_personal, policy_version FROM ${APPLICATION_ROLE};
`;

/** The database is not fit for us, and its administrator can mend it; the message, one line, says how. */
export class UnfitDatabase extends Error {}

/** What the server says where it refuses a right: names of things, never a value. */
function findDenial(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ("code" in cause && cause.code === "42501") return cause.message;
  return undefined;
}

async function ensureRole(sql: postgres.Sql): Promise<void> {
  try {
    await sql.unsafe(ROLE);
  } catch (cause) {
    if (findDenial(cause) === undefined) throw cause;
    const [known] = await sql<
      { login: string; isMade: boolean }[]
    >`select quote_ident(current_user) as login, to_regrole(${APPLICATION_ROLE}) is not null as "isMade"`;
    const grant = `GRANT ${APPLICATION_ROLE} TO ${known?.login};`;
    throw new UnfitDatabase(
      known?.isMade
        ? `The login of DATABASE_URL may not work as the role ${APPLICATION_ROLE}. Run as an administrator: ${grant}`
        : `The login of DATABASE_URL may not make the role ${APPLICATION_ROLE}. Give it CREATEROLE, or run as an administrator: CREATE ROLE ${APPLICATION_ROLE} NOLOGIN; ${grant}`,
      { cause },
    );
  }
}

/** Refuses a database that a newer version of this program has changed: what this one writes might be wrong there. */
async function requireKnownSchema(sql: postgres.Sql, folder: string): Promise<void> {
  const [ledger] = await sql<
    { isThere: boolean }[]
  >`select to_regclass('drizzle.__drizzle_migrations') is not null as "isThere"`;
  if (!ledger?.isThere) return;
  const [applied] = await sql<
    { last: string | null }[]
  >`select max(created_at) as last from drizzle.__drizzle_migrations`;
  const known = readMigrationFiles({ migrationsFolder: folder }).at(-1)?.folderMillis ?? 0;
  if (Number(applied?.last ?? 0) > known)
    throw new UnfitDatabase(
      "The database is of a newer version of Sparekey. Start that one, or restore a backup that this one made into an empty database",
    );
}

/**
 * Brings the database at `url` to the newest schema, the queue's included, and gives the application's role its rights.
 * Safe to call from several instances at once: they take turns, and the later ones find nothing to do.
 * @param folder where the migrations stand, relative to the working folder.
 * @throws {UnfitDatabase} where the server is older than PostgreSQL 15, a newer version of this program was here, or the login lacks
 *   a right.
 */
export async function migrate(url: string, folder = "db/migrations"): Promise<void> {
  const sql = connect(url, { max: 1 });
  try {
    const [version] = await sql<
      { number: number }[]
    >`select current_setting('server_version_num')::int as number`;
    if ((version?.number ?? 0) < OLDEST_POSTGRES) throw new UnfitDatabase("PostgreSQL 15 or newer is needed");
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`;
    try {
      await requireKnownSchema(sql, path.resolve(folder));
      await ensureRole(sql);
      await runQueueMigrations({ connectionString: url });
      await runMigrations(drizzle(sql), { migrationsFolder: path.resolve(folder) });
      await sql.unsafe(RIGHTS);
    } finally {
      await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`;
    }
  } catch (error) {
    const denial = findDenial(error);
    if (denial === undefined || error instanceof UnfitDatabase) throw error;
    throw new UnfitDatabase(`The login of DATABASE_URL lacks a right: ${denial}`, { cause: error });
  } finally {
    await sql.end({ timeout: 5 });
  }
}

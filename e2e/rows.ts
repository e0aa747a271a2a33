import type pg from "pg";
import { connected } from "./database";

async function listNames(client: pg.Client, text: string): Promise<string[]> {
  return (await client.query<{ name: string }>(text)).rows.map(({ name }) => name);
}

/**
 * Every row of every table but PostgreSQL's own, whatever its schema, in every database of the server that `databaseUrl` names:
 * as text, bytes in hex, by the names of the tables.
 */
export async function readRows(databaseUrl: string): Promise<Map<string, string[]>> {
  const url = new URL(databaseUrl);
  const rows = new Map<string, string[]>();
  const databases = await connected(url.href, (client) =>
    listNames(client, "select datname as name from pg_database where datallowconn and not datistemplate"),
  );
  for (const database of databases) {
    url.pathname = `/${database}`;
    await connected(url.href, async (client) => {
      const tables = await listNames(
        client,
        `select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
         where relkind in ('r', 'm') and nspname not in ('pg_catalog', 'information_schema')`,
      );
      for (const table of tables) {
        const texts = await listNames(client, `select each::text as name from ${table} each`);
        rows.set(table, [...(rows.get(table) ?? []), ...texts]);
      }
    });
  }
  return rows;
}

import { readdirSync } from "node:fs";
import { getTableColumns, getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { findMarks, listUnmarked } from "./schema/columns";

const db = openTestDatabase();

async function listTables(): Promise<PgTable[]> {
  const files = readdirSync("db/schema").filter((name) => name.endsWith(".ts") && name !== "columns.ts");
  const modules = await Promise.all(files.map((name) => import(`./schema/${name.slice(0, -3)}.ts`)));
  return modules.flatMap((module) => Object.values(module)).filter((value) => is(value, PgTable));
}

test("every table of the database is known to the schema, and every column says how much it gives away", async () => {
  const tables = await listTables();
  const inDatabase = await db.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
  expect(tables.map(getTableName).sort()).toEqual(inDatabase.map((row) => row.name).sort());
  for (const table of tables) {
    expect(findMarks(table), getTableName(table)).toBeDefined();
    expect(listUnmarked(table), getTableName(table)).toEqual([]);
  }
});

test("whatever is named like a credential is marked as one", async () => {
  for (const table of await listTables()) {
    for (const [column, mark] of Object.entries(findMarks(table) ?? {})) {
      if (/cipher|hmac|digest|salt|anchor|passwordHash|seed(?!KeyId)/i.test(column)) {
        expect([getTableName(table), column, mark]).toEqual([getTableName(table), column, "secret"]);
      }
      if (/e164|email|label|sourceIp|userAgent|displayName/i.test(column)) {
        expect([getTableName(table), column, mark]).toEqual([getTableName(table), column, "personal"]);
      }
    }
  }
});

test("a moment is told by the end of its name and bears its zone, a span is in seconds, and what happens is no boolean", async () => {
  const columns = (await listTables()).flatMap((table) =>
    Object.entries(getTableColumns(table)).map(([name, column]) => ({
      name: `${getTableName(table)}.${name}`,
      type: column.getSQLType(),
    })),
  );
  const isMoment = (name: string) => /(\.at|At|Until|Since|After)$/.test(name);
  const broken = columns.filter(({ name, type }) =>
    type.startsWith("timestamp")
      ? type !== "timestamp (3) with time zone" || !isMoment(name)
      : isMoment(name) || /(Ms|Minutes|Hours|Days)$/.test(name) || /^(boolean|interval|time)/.test(type),
  );
  expect(broken.map(({ name }) => name).sort()).toEqual([
    // What was asked for, or is so from the beginning: nothing that happens at a moment.
    "authn_attempt.keepAttempt",
    "import_job.isForeground",
    "import_line.isManagerAwaited",
    "import_line.isUnchanged",
    // As an owner chose it.
    "ldap_directory.everyMinutes",
    "ldap_directory.startsTls",
    // The word of the access code's format.
    "slot.slotEpoch",
    // Mostly less than a second.
    "webhook_attempt.tookMs",
  ]);
});

import { randomUUID } from "node:crypto";
import pg from "pg";
import type postgres from "postgres";
import { afterAll, beforeAll, inject, vi } from "vitest";
import { connect } from "@/db/client";
import { type DetailName, detailNames } from "@/lib/audit/model";
import type { Actor, Context, Role } from "@/lib/platform/context";
import { closeDatabase } from "@/lib/platform/transaction";
import { testEnvironment } from "./environment";

/** A database of this test file's own, cloned from the migrated template; `sql` works as its owner. */
export interface TestDatabase {
  readonly url: string;
  readonly sql: postgres.Sql;
}

/** Fails where an event tells something by a name that isn't in the list, which has its words in the catalogues. */
async function expectNamed(sql: postgres.Sql): Promise<void> {
  const rows = await sql<{ name: DetailName }[]>`
    select distinct jsonb_object_keys(details) as name from audit_event`;
  const unknown = rows.filter(({ name }) => !detailNames.includes(name));
  if (unknown.length > 0)
    throw new Error(`events tell what has no words: ${unknown.map(({ name }) => name).join(", ")}`);
}

/** Gives this test file its own database and the environment to reach it. Call at the top of a `*.db.test.ts`. */
export function openTestDatabase(environment: Record<string, string> = {}): TestDatabase {
  const name = `sparekey_test_${randomUUID().replaceAll("-", "")}`;
  const server = inject("databaseServer");
  const address = new URL(server);
  address.pathname = `/${name}`;
  const url = address.href;
  Object.assign(process.env, testEnvironment({ DATABASE_URL: url, ...environment }));
  const sql = connect(url, { max: 4, connection: { application_name: "test" } });
  beforeAll(async () => {
    const admin = connect(server, { max: 1 });
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await admin.unsafe(`create database ${name} template ${inject("databaseTemplate")}`);
          break;
        } catch (error) {
          if (attempt === 50 || (error as { code?: string }).code !== "55006") throw error;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    } finally {
      await admin.end();
    }
  });
  afterAll(async () => {
    await expectNamed(sql);
    await closeDatabase();
    await sql.end({ timeout: 5 });
    const admin = connect(server, { max: 1 });
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    await admin.end();
  });
  return { url, sql };
}

/** A context as the door of the console makes it, for a staff member of `role`. */
export function staffContext(
  role: Role = "helpdesk",
  overrides: Partial<Extract<Actor, { kind: "staff" }>> = {},
): Context {
  return {
    actor: {
      kind: "staff",
      staffId: randomUUID(),
      sessionId: randomUUID(),
      name: "Hanna Desk",
      email: "hanna@sparekey.test",
      role,
      userDirectoryId: null,
      isSteppedUp: true,
      ...overrides,
    },
    requestId: `test-${randomUUID()}`,
    sourceIp: "192.0.2.10",
    userAgent: "test",
  };
}

/** A context as a public door makes it: nobody is proven. */
export function publicContext(sourceIp = "198.51.100.7"): Context {
  return { actor: { kind: "user" }, requestId: `test-${randomUUID()}`, sourceIp, userAgent: "test" };
}

/** A context as a door for programs makes it. */
export function clientContext(role: "helpdesk" | "integration" | null = "integration"): Context {
  return {
    actor: { kind: "client", clientId: randomUUID(), name: "a script", role, scopes: [] },
    requestId: `test-${randomUUID()}`,
    sourceIp: "203.0.113.9",
    userAgent: "test",
  };
}

/** The statements that the application's pool sends while `work` runs, in order. */
export async function listStatements(work: () => Promise<unknown>): Promise<string[]> {
  const statements: string[] = [];
  const spy = vi.spyOn(pg.Client.prototype, "query");
  try {
    await work();
    for (const [statement] of spy.mock.calls)
      statements.push((statement as unknown as { text: string }).text);
  } finally {
    spy.mockRestore();
  }
  return statements;
}

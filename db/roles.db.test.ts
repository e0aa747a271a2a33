import { randomUUID } from "node:crypto";
import { afterEach, expect, inject, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { APPLICATION_ROLE, connect } from "./client";
import { migrate, UnfitDatabase } from "./migrate";
import { openPool } from "./pool";

openTestDatabase();
const made: string[] = [];

afterEach(async () => {
  const admin = connect(inject("databaseServer"), { max: 1 });
  for (const name of made.splice(0)) {
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    await admin.unsafe(`drop role if exists ${name}`);
  }
  await admin.end();
});

/** A database of its own login's, which may make no role. The application's is there: the template made it. */
async function makeDatabase({ isGranted }: { isGranted: boolean }): Promise<{ url: string; login: string }> {
  const login = `sparekey_login_${randomUUID().replaceAll("-", "")}`;
  const admin = connect(inject("databaseServer"), { max: 1 });
  made.push(login);
  await admin.unsafe(`create role ${login} login password 'secret' nocreaterole`);
  await admin.unsafe(`grant ${login} to current_user`);
  if (isGranted) await admin.unsafe(`grant ${APPLICATION_ROLE} to ${login}`);
  await admin.unsafe(`create database ${login} owner ${login}`);
  await admin.end();
  const address = new URL(inject("databaseServer"));
  address.username = login;
  address.password = "secret";
  address.pathname = `/${login}`;
  return { url: address.href, login };
}

test("a login that may make no role migrates, several at once, and works as the one made for it", async () => {
  const { url } = await makeDatabase({ isGranted: true });
  await Promise.all([migrate(url), migrate(url)]);
  await migrate(url);
  const pool = openPool(url, { role: APPLICATION_ROLE, max: 1 });
  const [state] = await pool.statements.execute("select current_user as role, id from server_state");
  expect(state).toEqual({ role: APPLICATION_ROLE, id: 1 });
  await expect(pool.statements.execute("delete from audit_event")).rejects.toThrow();
  await pool.close();
});

test("a login that was not given the role is told what to run, and nothing is made", async () => {
  const { url, login } = await makeDatabase({ isGranted: false });
  await expect(migrate(url)).rejects.toEqual(
    new UnfitDatabase(
      `The login of DATABASE_URL may not work as the role ${APPLICATION_ROLE}. Run as an administrator: GRANT ${APPLICATION_ROLE} TO ${login};`,
    ),
  );
  const sql = connect(url, { max: 1 });
  expect(
    await sql`select 1 from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  ).toEqual([]);
  await sql.end();
});

test("a login that lacks another right is told which", async () => {
  const { url, login } = await makeDatabase({ isGranted: true });
  const admin = connect(inject("databaseServer"), { max: 1 });
  await admin.unsafe(`alter database ${login} owner to current_user`);
  await admin.end();
  await expect(migrate(url)).rejects.toEqual(
    new UnfitDatabase(`The login of DATABASE_URL lacks a right: permission denied for database ${login}`),
  );
});

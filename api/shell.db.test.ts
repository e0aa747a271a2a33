import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { connect } from "@/db/client";
import { testEnvironment } from "@/tools/testing/environment";

const name = `sparekey_bare_${randomUUID().replaceAll("-", "")}`;
const admin = connect(inject("databaseServer"), { max: 1 });

beforeAll(() => admin.unsafe(`create database ${name}`));
afterAll(async () => {
  await admin.unsafe(`drop database ${name} with (force)`);
  await admin.end();
});

/** Runs the operator's command against the database `url`; answers how it ended and what it said of its trouble. */
function run(url: string, ...args: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, ["tools/run.mjs", "api/shell.ts", ...args], {
    env: { ...process.env, ...testEnvironment({ DATABASE_URL: url }) },
    encoding: "utf8",
  });
  return { status, stderr };
}

test("a database in which nothing was set up is named in one line, with what to do, by each command that needs it", () => {
  const bare = new URL(inject("databaseServer"));
  bare.pathname = `/${name}`;
  const file = path.join("/tmp", `${name}.tar.gz`);
  for (const args of [
    ["backup", file],
    ["create-owner", "olivia@example.com", "Olivia Stone"],
    ["rotate-key"],
    ["begin-generation"],
  ])
    expect(run(bare.href, ...args), args[0]).toEqual({
      status: 1,
      stderr:
        "The database of DATABASE_URL has not all tables of this version: start the server once, it makes them.\n",
    });
});

test("a database that isn't there is named in one line", () => {
  const { status, stderr } = run("postgres://postgres@127.0.0.1:1/sparekey", "unlock", "olivia@example.com");
  expect(status).toBe(1);
  expect(stderr).toMatch(/^The database of DATABASE_URL doesn't let us in: .+\n$/);
});

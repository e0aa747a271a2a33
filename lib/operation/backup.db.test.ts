import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, inject, test, vi } from "vitest";
import { connect } from "@/db/client";
import { migrate } from "@/db/migrate";
import { openTestDatabase } from "@/tools/testing/database";
import { backUp, restore } from "./backup";
import { connectAsOwner, inSnapshot } from "./backup-store";

const db = openTestDatabase();
const folder = mkdtempSync("/tmp/sparekey-backup-test-");
const made: string[] = [];

afterAll(async () => {
  const admin = connect(inject("databaseServer"), { max: 1 });
  for (const name of made) await admin.unsafe(`drop database if exists ${name} with (force)`);
  await admin.end();
  rmSync(folder, { recursive: true, force: true });
});

async function makeEmptyDatabase(): Promise<string> {
  const name = `sparekey_restore_${randomUUID().replaceAll("-", "")}`;
  const admin = connect(inject("databaseServer"), { max: 1 });
  await admin.unsafe(`create database ${name}`);
  await admin.end();
  made.push(name);
  const address = new URL(inject("databaseServer"));
  address.pathname = `/${name}`;
  await migrate(address.href);
  return address.href;
}

async function fill(): Promise<void> {
  await db.sql`insert into users (id, directory_id, login, login_key, first_name, last_name, display_name)
    values ('00000000-0000-4000-8000-00000000000a', 'd-1', 'ada', 'ada', ${"Ada\tTab"}, ${"Zeile\nBruch\\"}, '王 Ada')`;
  await db.sql`insert into grants (user_id, method, expires_at, issuer_kind, reason, policy_version, generation)
    values ('00000000-0000-4000-8000-00000000000a', 'sms', now() + interval '4 hours', 'staff', 'lost', 1, 1)`;
  await db.sql`insert into delivery (purpose, channel, notice_kind, to_e_164) values ('notice', 'sms', 'access_issued', '+12025550101')`;
  await db.sql`insert into staff (id, email, email_key, name, role)
    values ('00000000-0000-4000-8000-00000000000b', 'o@sparekey.test', 'o@sparekey.test', 'Olivia', 'owner')`;
  await db.sql`insert into staff_token (token_digest, staff_id, purpose, expires_at)
    values ('\\x01', '00000000-0000-4000-8000-00000000000b', 'invite', now() + interval '3 days')`;
  await db.sql`insert into audit_event (kind, outcome, actor_kind, request_id) values ('grant.issued', 'ok', 'staff', 'r-1')`;
}

test("what was backed up is back, to the letter, in a new generation in which nothing from before opens a door", async () => {
  await fill();
  const file = path.join(folder, "whole.tar.gz");
  expect(await backUp(db.url, file)).toMatchObject({ ok: true });
  const url = await makeEmptyDatabase();
  expect(await restore(url, file)).toMatchObject({
    ok: true,
    generation: 2,
    grantsRevoked: 1,
    deliveriesFailed: 1,
  });

  const sql = connect(url, { max: 1 });
  const [user] = await sql`select first_name, last_name, display_name from users`;
  expect(user).toEqual({ first_name: "Ada\tTab", last_name: "Zeile\nBruch\\", display_name: "王 Ada" });
  expect(await sql`select ended_as, end_reason from grants`).toEqual([
    { ended_as: "revoked", end_reason: "restored" },
  ]);
  expect(await sql`select state, failure from delivery`).toEqual([{ state: "failed", failure: "restored" }]);
  expect(
    await sql`select 1 from staff_token where used_at is null`,
    "a link of staff that was used since",
  ).toHaveLength(0);
  const kinds = (await sql`select kind from audit_event order by id`).map((row) => row.kind);
  expect(kinds).toEqual(["grant.issued", "grant.revoked", "server.restored"]);
  await sql.end();
});

test("a table of any size is copied out whole, and the connection goes on", async () => {
  const owner = connectAsOwner(db.url);
  await db.sql`create table scratch (row text)`;
  try {
    for (let rows = 1; rows <= 150; rows += 1) {
      await db.sql`insert into scratch values (repeat('r', 999))`;
      const read = await inSnapshot(db.url, owner, async (_, copyOut) => {
        const twice = [0, 0];
        for (const time of [0, 1])
          for await (const chunk of copyOut({ name: "scratch", columns: ["row"] }))
            twice[time] += chunk.length;
        return twice;
      });
      expect(read).toEqual([rows * 1000, rows * 1000]);
    }
  } finally {
    await db.sql`drop table scratch`;
    await owner.end();
  }
});

test("tables larger than what a stream holds at once are backed up and restored whole", async () => {
  await db.sql`insert into users (directory_id, login, login_key, first_name, last_name, display_name)
    select 'big-' || n, 'big-' || n, 'big-' || n, repeat('Ä', 100), repeat('b', 100), repeat('\\', 100) from generate_series(1, 5000) n`;
  const file = path.join(folder, "large.tar.gz");
  const backedUp = await backUp(db.url, file);
  const url = await makeEmptyDatabase();
  expect(await restore(url, file)).toMatchObject({ ok: true, rows: backedUp.ok && backedUp.rows });
  const sum = "select count(*)::int as n, md5(string_agg(u::text, '' order by id)) as all from users u";
  const sql = connect(url, { max: 1 });
  expect(await sql.unsafe(sum)).toEqual(await db.sql.unsafe(sum));
  await sql.end();
  await db.sql`delete from users where login like 'big-%'`;
});

test("after a restore nobody is told again of what was before it, and everybody of what it revoked", async () => {
  await db.sql`insert into webhook_endpoint (url, description, event_types, secret_cipher, secret_key_id)
    values ('https://siem.example.com/', 'SIEM', '{grant.issued,grant.revoked}', '\\x01', 'k')`;
  const [waiting] = await db.sql`
    with e as (insert into audit_event (kind, outcome, actor_kind, request_id, grant_id)
      values ('grant.issued', 'ok', 'staff', 'r-2', gen_random_uuid()) returning id)
    select id from e`;
  const file = path.join(folder, "webhooks.tar.gz");
  await backUp(db.url, file);
  const url = await makeEmptyDatabase();
  expect(await restore(url, file)).toMatchObject({ ok: true });
  const sql = connect(url, { max: 1 });
  const messages =
    await sql`select type, state, event_id = ${waiting?.id} as "isEarlier" from webhook_message order by event_id`;
  expect(messages).toEqual([
    { type: "grant.issued", state: "dead", isEarlier: true },
    { type: "grant.revoked", state: "waiting", isEarlier: false },
  ]);
  await sql.end();
});

test("a database that holds anything is not written over", async () => {
  const file = path.join(folder, "again.tar.gz");
  await backUp(db.url, file);
  expect(await restore(db.url, file)).toEqual({ ok: false, reason: "not_empty" });
});

test("a backup that was cut short, altered or is something else leaves the database empty", async () => {
  const file = path.join(folder, "cut.tar.gz");
  await backUp(db.url, file);
  const whole = readFileSync(file);
  const url = await makeEmptyDatabase();
  const sql = connect(url, { max: 1 });
  for (const bad of [
    whole.subarray(0, whole.length - 200),
    whole.subarray(0, 100),
    Buffer.from("not a backup"),
    Buffer.alloc(0),
  ]) {
    writeFileSync(file, bad);
    expect(await restore(url, file)).toEqual({ ok: false, reason: "not_a_backup" });
    expect(await sql`select 1 from users`).toHaveLength(0);
    expect(await sql`select generation from server_state`).toEqual([{ generation: 1 }]);
  }
  await sql.end();
});

test("a file that is there is not written over, nor one that came meanwhile, and nothing else is left", async () => {
  const inside = path.join(folder, "kept");
  mkdirSync(inside);
  const file = path.join(inside, "b.tar.gz");
  writeFileSync(file, "of yesterday");
  expect(await backUp(db.url, file)).toEqual({ ok: false, reason: "exists" });
  expect(readFileSync(file, "utf8")).toBe("of yesterday");
  rmSync(file);
  const going = backUp(db.url, file);
  writeFileSync(file, "came meanwhile");
  expect(await going).toEqual({ ok: false, reason: "exists" });
  expect(readFileSync(file, "utf8")).toBe("came meanwhile");
  expect(readdirSync(inside)).toEqual(["b.tar.gz"]);
});

test("a backup holds neither the master key nor anything readable only with it in clear", async () => {
  const file = path.join(folder, "secret.tar.gz");
  await backUp(db.url, file);
  expect(gunzipSync(readFileSync(file)).includes(process.env.SPAREKEY_MASTER_KEY as string)).toBe(false);
});

test.each([
  ["a folder that isn't there", "nowhere/b.tar.gz", "ENOENT"],
  ["a file in place of the folder", "file/b.tar.gz", "ENOTDIR"],
])(
  "a backup that can't be written (%s) says so, and leaves nothing of the data behind",
  async (_, file, code) => {
    const temporary = path.join(folder, `tmp-${code}`);
    mkdirSync(temporary);
    writeFileSync(path.join(folder, "file"), "");
    vi.stubEnv("TMPDIR", temporary);
    await expect(backUp(db.url, path.join(folder, file))).rejects.toMatchObject({ code });
    expect(readdirSync(temporary)).toEqual([]);
    vi.unstubAllEnvs();
  },
);

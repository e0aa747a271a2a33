import { spawnSync } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, expect, inject, test, vi } from "vitest";
import { connect } from "@/db/client";
import { forgetConfig } from "@/lib/platform/config";
import { currentKeyId, open, seal } from "@/lib/platform/keys";
import { readLink } from "@/lib/staff/link";
import { totpBinding } from "@/lib/staff/totp";
import { openTestDatabase } from "@/tools/testing/database";
import { insertGrant, insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();
const folder = mkdtempSync("/tmp/sparekey-shell-test-");
const admin = connect(inject("databaseServer"), { max: 1 });
const made: string[] = [];

afterAll(async () => {
  for (const name of made) await admin.unsafe(`drop database ${name} with (force)`);
  await admin.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The address of a database in which nothing was set up. */
async function makeBareDatabase(): Promise<string> {
  const name = `sparekey_bare_${randomUUID().replaceAll("-", "")}`;
  await admin.unsafe(`create database ${name}`);
  made.push(name);
  const address = new URL(inject("databaseServer"));
  address.pathname = `/${name}`;
  return address.href;
}

/** How a command of the operator's ended, and what it said. */
interface Ran {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the operator's command against the database `url`, with `keys` in place of the master key of the environment. */
function run(url: string, args: string[], keys: Record<string, string> = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["tools/run.mjs", "api/shell.ts", ...args], {
    env: { ...process.env, DATABASE_URL: url, ...keys },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** What a command said, in the groups of `pattern`. */
function read({ stdout }: Ran, pattern: RegExp): string[] {
  expect(stdout).toMatch(pattern);
  return pattern.exec(stdout)?.slice(1) ?? [];
}

test("create-owner makes an owner, and prints the link that leads them in", async () => {
  const ran = run(db.url, ["create-owner", "olivia@example.com", "Olivia", "Stone"]);
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  const [until = "", link = ""] = read(
    ran,
    /^Hand the owner this link; it is good once, until (\S+):\n\n {2}(\S+)\n$/,
  );
  const { origin, pathname, searchParams } = new URL(link);
  expect(`${origin}${pathname}`).toBe(`${process.env.BASE_URL}/signin/link`);
  expect(await readLink(searchParams.get("token") as string)).toEqual({
    purpose: "invite",
    name: "Olivia Stone",
    email: "olivia@example.com",
  });
  expect(
    await db.sql`select s.role, t.expires_at from staff s join staff_token t on t.staff_id = s.id`,
  ).toEqual([{ role: "owner", expires_at: new Date(until) }]);
  expect(await db.sql`select kind, outcome, actor_kind from audit_event`).toEqual([
    { kind: "staff.created", outcome: "ok", actor_kind: "operator" },
  ]);
});

test("what backup wrote, restore brings into an empty database, and both say what it comes to", async () => {
  const { id: userId } = await insertUser(db.sql);
  await insertGrant(db.sql, userId);
  const file = path.join(folder, "backup.tar.gz");
  const written = run(db.url, ["backup", file]);
  expect(written).toMatchObject({ status: 0, stderr: "" });
  const [rows, to] = read(
    written,
    /^Wrote (\d+) rows of \d+ tables to (\S+)\. Keep the master key apart from it\.\n$/,
  );
  expect(to).toBe(file);

  const url = await makeBareDatabase();
  expect(run(url, ["restore", file])).toEqual({
    status: 0,
    stdout: `Rows restored: ${rows}. This is generation 2. Live grants revoked: 1, sessions ended: 0, messages not sent: 0.\n`,
    stderr: "",
  });
  const restored = connect(url, { max: 1 });
  const people = "select id, login, display_name from users";
  expect(await restored.unsafe(people)).toEqual(await db.sql.unsafe(people));
  const grants = "select user_id, ended_as, end_reason from grants";
  expect(await restored.unsafe(grants)).toEqual([
    { user_id: userId, ended_as: "revoked", end_reason: "restored" },
  ]);
  expect(await db.sql.unsafe(grants)).toEqual([{ user_id: userId, ended_as: null, end_reason: null }]);
  await restored.end();
});

test("rotate-key seals what lies under the earlier key anew, and says whether that one can go", async () => {
  const [staff] =
    await db.sql`insert into staff (email, email_key, name, role) values ('h@x', 'h@x', 'Hanna', 'helpdesk') returning id`;
  const staffId = staff?.id as string;
  const sealed = seal("totp", Buffer.from("a secret of hers"), totpBinding(staffId));
  await db.sql`insert into staff_totp (staff_id, secret_cipher, key_id)
    values (${staffId}, ${Buffer.from(sealed.cipher)}, ${sealed.keyId})`;
  const earlier = process.env.SPAREKEY_MASTER_KEY as string;
  const fresh = randomBytes(32).toString("base64");
  const keys = { SPAREKEY_MASTER_KEY: fresh, SPAREKEY_MASTER_KEY_PREVIOUS: earlier };

  const rotated = run(db.url, ["rotate-key"], keys);
  expect(rotated).toMatchObject({ status: 0, stderr: "" });
  const [until = ""] = read(
    rotated,
    /^Secrets sealed anew: 1\.\nKeep SPAREKEY_MASTER_KEY_PREVIOUS until (\S+): codes and tokens of programs that are live depend on it\.\n$/,
  );
  expect(Date.parse(until)).toBeGreaterThan(Date.now());

  await db.sql`insert into audit_event (at, kind, outcome, actor_kind, request_id, details)
    select now() - interval '1 day', kind, outcome, actor_kind, 'a day before', details
    from audit_event where kind = 'server.key-rotated'`;
  expect(run(db.url, ["rotate-key"], keys)).toEqual({
    status: 0,
    stdout:
      "Secrets sealed anew: 0.\nSPAREKEY_MASTER_KEY_PREVIOUS can go now. Staff who signed in under it sign in anew then.\n",
    stderr: "",
  });

  vi.stubEnv("SPAREKEY_MASTER_KEY", fresh);
  forgetConfig();
  const [row] = await db.sql`select secret_cipher as cipher, key_id as "keyId" from staff_totp`;
  expect(row?.keyId).toBe(currentKeyId());
  expect(Buffer.from(open("totp", row as typeof sealed, totpBinding(staffId))).toString()).toBe(
    "a secret of hers",
  );
  vi.unstubAllEnvs();
});

test("each command for staff does what it says for whom it names, and leaves in place what it doesn't", async () => {
  const [row] = await db.sql<{ id: string }[]>`
    insert into staff (email, email_key, name, role, password_hash, failed_count, locked_until)
    values ('Lena@example.com', 'lena@example.com', 'Lena', 'lead', 'a hash', 5, now() + interval '1 hour') returning id`;
  const staffId = row?.id as string;
  const sealed = seal("totp", Buffer.from("another secret"), totpBinding(staffId));
  await db.sql`insert into staff_totp (staff_id, secret_cipher, key_id)
    values (${staffId}, ${Buffer.from(sealed.cipher)}, ${sealed.keyId})`;
  const stateOf = async () =>
    (
      await db.sql`select failed_count as failures, locked_until is not null as locked, password_hash is not null as password,
        exists (select from staff_totp where staff_id = staff.id) as factor from staff where id = ${staffId}`
    )[0];
  const purposeOf = async (ran: Ran) => {
    expect(ran).toMatchObject({ status: 0, stderr: "" });
    const [link = ""] = read(ran, /^Hand them this link; it is good once, until \S+:\n\n {2}(\S+)\n$/);
    return (await readLink(new URL(link).searchParams.get("token") as string))?.purpose;
  };

  expect(run(db.url, ["unlock", "LENA@example.com"])).toEqual({ status: 0, stdout: "Done.\n", stderr: "" });
  expect(await stateOf()).toEqual({ failures: 0, locked: false, password: true, factor: true });
  expect(await purposeOf(run(db.url, ["reset-password", "lena@example.com"]))).toBe("password_reset");
  expect(await stateOf()).toMatchObject({ password: false, factor: true });
  expect(await purposeOf(run(db.url, ["reset-second-factor", "lena@example.com"]))).toBe("password_reset");
  expect(await stateOf()).toMatchObject({ factor: false });
  const said = await db.sql`select kind, outcome from audit_event where actor_kind = 'operator'
    and target_id = ${staffId} order by id`;
  expect(said.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
    "staff.unlocked ok",
    "staff.password-reset ok",
    "staff.factor-reset ok",
  ]);
});

test("a new master key is 32 bytes, each time others; a new generation says what it ended", async () => {
  const keys = [run(db.url, ["new-key"]), run(db.url, ["new-key"])].map(({ stdout }) => stdout.trim());
  expect(keys.map((key) => Buffer.from(key, "base64").length)).toEqual([32, 32]);
  expect(keys[0]).not.toBe(keys[1]);
  const { id: userId } = await insertUser(db.sql);
  await insertGrant(db.sql, userId);
  const begun = run(db.url, ["begin-generation"]);
  expect(begun).toMatchObject({ status: 0, stderr: "" });
  const [revoked] = read(
    begun,
    /^This is generation \d+\. Live grants revoked: (\d+), sessions ended: \d+\.\n$/,
  );
  expect(Number(revoked)).toBeGreaterThan(0);
  expect(await db.sql`select 1 from grants where ended_at is null`).toHaveLength(0);
});

test("a database in which nothing was set up is named in one line, with what to do, by each command that needs it", async () => {
  const url = await makeBareDatabase();
  for (const args of [
    ["backup", path.join(folder, "bare.tar.gz")],
    ["create-owner", "olivia@example.com", "Olivia Stone"],
    ["rotate-key"],
    ["begin-generation"],
  ])
    expect(run(url, args), args[0]).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "The database of DATABASE_URL has not all tables of this version: start the server once, it makes them.\n",
    });
});

test("a database that isn't there is named in one line", () => {
  const { status, stderr } = run("postgres://postgres@127.0.0.1:1/sparekey", [
    "unlock",
    "olivia@example.com",
  ]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^The database of DATABASE_URL doesn't let us in: .+\n$/);
});

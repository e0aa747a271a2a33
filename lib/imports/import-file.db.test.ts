import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, expect, test } from "vitest";
import { sayWhy } from "@/lib/directory/say-why";
import { findUsers } from "@/lib/directory/search";
import { setPhone } from "@/lib/directory/set-phone";
import type { Context } from "@/lib/platform/context";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertGrant } from "@/tools/testing/rows";
import { type ImportFileInput, importFile } from "./import-file";

const db = openTestDatabase();
const folder = mkdtempSync("/tmp/sparekey-import-");
const file = path.join(folder, "people.csv");
const refusedFile = `${file}.refused.csv`;
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  await db.sql`delete from challenge`;
  await db.sql`delete from grants`;
  await db.sql`delete from users`;
});

let ctx: Context;
async function importText(text: string | Buffer, wish: Partial<ImportFileInput> = {}) {
  ctx = {
    actor: { kind: "operator", name: "import" },
    requestId: randomUUID(),
    sourceIp: null,
    userAgent: null,
  };
  writeFileSync(file, text);
  return importFile(ctx, { file, isReplacing: false, isPreview: false, isConfirmed: false, ...wish });
}

const events = () =>
  db.sql`select kind, outcome, reason, user_id, details from audit_event where request_id = ${ctx.requestId} order by id`;

async function findUser(login: string) {
  const [user] = await db.sql`
    select u.*, m.login as manager, array(select group_name from user_group g where g.user_id = u.id order by 1) as groups,
      (select jsonb_object_agg(channel, e164) from user_phone p where p.user_id = u.id) as phones
    from users u left join users m on m.id = u.manager_id where u.login = ${login}`;
  return user;
}

/** Everything that an import may touch. */
const snapshot = async () => [
  ...(await db.sql`select * from users order by id`),
  ...(await db.sql`select * from user_phone order by user_id, channel`),
  ...(await db.sql`select * from user_group order by user_id, group_name`),
  ...(await db.sql`select * from user_search_key order by user_id, rank, head, word, rest`),
];

const some = (count: number, line = (n: number) => `p${n},Person ${n}`) =>
  `login,display name\n${Array.from({ length: count }, (_, n) => `${line(n)}\n`).join("")}`;

const lines = [
  "\ufeffLogin,Display Name,given_name,Family-Name,E-Mail,Employee number,title,department,site,manager login,groups,phone_sms,phone_voice,language,time zone,disabled",
  'Ada,"Lovelace, ""Ada""",Ada,Lovelace,ada@example.com,1001,Analyst,R&D,London,BOSS,vpn|admins;vpn,0171 2345678,+44 20 7946 0142,en_gb,Europe/London,no',
  `bob,${"n".repeat(300)},,,,,,,,,,,,,,`,
  'noor,"\u200fنور\u200e 😀\0x",نور,,,,"line one\r\nline two",,,,,,,ar,,',
  "boss,Big Boss,,,,,,,,,,,,,,",
  "gone,Gone Already,,,,,,,,,,,,,,yes",
];
const happy = `${lines.join("\r\n")}\r\n`;

test("people come in as the file has them, and the look-up finds them", async () => {
  const result = await importText(happy, { country: "DE" });
  expect(result).toMatchObject({
    ok: true,
    counts: { people: 5, added: 5, changed: 0, unchanged: 0, refused: 0, disabled: 0, managersUnknown: 0 },
  });
  expect(existsSync(refusedFile)).toBe(false);
  expect(await findUser("Ada")).toMatchObject({
    directory_id: "ada",
    display_name: 'Lovelace, "Ada"',
    first_name: "Ada",
    last_name: "Lovelace",
    email: "ada@example.com",
    employee_number: "1001",
    title: "Analyst",
    department: "R&D",
    site: "London",
    manager: "boss",
    groups: ["admins", "vpn"],
    phones: { sms: "+491712345678", voice: "+442079460142" },
    language: "en-GB",
    time_zone: "Europe/London",
    disabled_at: null,
  });
  expect(await findUser("bob")).toMatchObject({ display_name: "n".repeat(300), first_name: "" });
  expect(await findUser("noor")).toMatchObject({
    display_name: "\u200fنور\u200e 😀 x",
    title: "line one line two",
  });
  expect(await findUser("gone")).toMatchObject({ disabled_at: expect.any(Date) });
  expect((await inStatement((tx) => findUsers(tx, { query: "lovelace" }))).users).toMatchObject([
    { login: "Ada" },
  ]);
  expect((await inStatement((tx) => findUsers(tx, { query: "نور" }))).users).toMatchObject([
    { login: "noor" },
  ]);
  expect(await events()).toMatchObject([
    { kind: "directory.import-asked", outcome: "ok" },
    { kind: "directory.import-begun", outcome: "ok" },
    { kind: "directory.imported", outcome: "ok", details: { people: 5, added: 5 } },
  ]);
});

test("the example that the documentation shows comes in whole", async () => {
  const example = readFileSync("docs/examples/people.csv");
  expect(await importText(example, { country: "DE" })).toMatchObject({
    counts: { people: 4, added: 4, refused: 0, managersUnknown: 0 },
  });
});

test("the same file again changes nothing, not a row", async () => {
  await importText(happy, { country: "DE" });
  const before = await snapshot();
  expect(await importText(happy, { country: "DE" })).toMatchObject({
    counts: { added: 0, changed: 0, unchanged: 5, disabled: 0 },
  });
  expect(await snapshot()).toEqual(before);
});

test("a preview says what the import then does, and touches nothing", async () => {
  const preview = await importText(happy, { country: "DE", isPreview: true });
  expect(await db.sql`select 1 from users`).toHaveLength(0);
  expect((await events()).map(({ kind }) => kind)).toEqual(["directory.import-asked"]);
  expect(await importText(happy, { country: "DE" })).toEqual(preview);
});

test("semicolons part the cells where the header says so", async () => {
  await importText('login;groups;site\r\nada;"a;b";Köln\r\n');
  expect(await findUser("ada")).toMatchObject({ groups: ["a", "b"], site: "Köln", display_name: "ada" });
});

test.each([
  ["login is missing", ",X,,,,,,"],
  ["login is longer than 200", `${"l".repeat(201)},X,,,,,,`],
  ["holds control characters", "a\0b,X,,,,,,"],
  ["the login stands in line 2 already", "ＡＤＡ,X,,,,,,"],
  ["2 cells below 8 columns", "zoe,X"],
  ["9 cells below 8 columns", "zoe,X,,,,,,,"],
  ["email is not an address", "zoe,X,nobody,,,,,"],
  ["phone_sms is not a number", "zoe,X,,12,,,,"],
  ["without + it needs the country of the numbers", "zoe,X,,0171 2345678,,,,"],
  ["phone_sms is a landline", "zoe,X,,+44 20 7946 0142,,,,"],
  ["language is not a tag", "zoe,X,,,not a language,,,"],
  ["time_zone is not a name", "zoe,X,,,,Mars/Olympus,,"],
  ["disabled is neither yes nor no", "zoe,X,,,,,perhaps,"],
  ["manager_login is the person's own", "zoe,X,,,,,,ZOE"],
  ["display_name is longer", `zoe,${"n".repeat(3_001)},,,,,,`],
])("a line is refused with its reason, and the rest comes in: %s", async (why, bad) => {
  const header = "login,display_name,email,phone_sms,language,time_zone,disabled,manager_login";
  const text = `${header}\nada,Ada,,,,,,\n${bad}\nbob,Bob,,,,,,\n`;
  expect(await importText(text)).toMatchObject({ ok: true, counts: { people: 3, added: 2, refused: 1 } });
  expect(await db.sql`select login from users order by login`).toEqual([{ login: "ada" }, { login: "bob" }]);
  const [first, line] = readFileSync(refusedFile, "utf8").split("\r\n");
  expect(first).toBe(`${header},reason`);
  expect(line).toContain(bad.replace("\0", "\ufffd").split(",").slice(0, 2).join(","));
  expect(line?.slice(bad.length)).toContain(why);
  expect(statSync(refusedFile).mode & 0o077).toBe(0);
});

test("refused lines that were mended are taken as they stand, with their reason", async () => {
  await importText("login,email\nzoe,nobody\n");
  const mended = readFileSync(refusedFile, "utf8").replace("nobody", "zoe@example.com");
  expect(await importText(mended)).toMatchObject({ counts: { added: 1, refused: 0 } });
  expect(existsSync(refusedFile)).toBe(false);
});

test.each([
  ["it is not UTF-8", Buffer.from("login,display name\nada,Ad\xe9le\n", "latin1")],
  ["it is not UTF-8", Buffer.from("\ufefflogin\nada\n", "utf16le")],
  ["there is no column", "login,shoe size\nada,38\n"],
  ["the column login is missing", "display name\nAda\n"],
  ["the column login is there twice", "login,Login\nada,ada\n"],
  ["a quote is never closed", 'login,display name\nada,"Ada\nbob,Bob\n'],
  ["something follows a closing quote", 'login,display name\nada,"Ada" L\nbob,Bob\n'],
  ["a quote stands in the middle of a cell", 'login,display name\nada,Ada "L"\nbob,Bob\n'],
  ["it is empty", ""],
])("a file that can't be read is refused whole: %s", async (why, content) => {
  const result = await importText(content);
  if (result.ok || result.reason !== "unreadable") throw new Error("it was read");
  expect(sayWhy("en", result.why)).toContain(why);
  expect(await db.sql`select 1 from users`).toHaveLength(0);
});

test("what the file has no column for stays, and an empty cell is none", async () => {
  await importText(happy, { country: "DE" });
  expect(await importText("login,site\nADA,\n")).toMatchObject({ counts: { changed: 1 } });
  expect(await findUser("ADA")).toMatchObject({
    site: null,
    title: "Analyst",
    manager: "boss",
    groups: ["admins", "vpn"],
    phones: { sms: "+491712345678", voice: "+442079460142" },
  });
});

test("a number that staff set stays, one that they took away stays away, and both are counted; one that the directory changes is not held", async () => {
  const text = (sms: string, voice: string) => `login,phone_sms,phone_voice\nada,${sms},${voice}\n`;
  await importText(text("+12125550141", "+12125550142"));
  const { id: userId } = (await findUser("ada")) as { id: string };
  await inTransaction((tx) =>
    setPhone(tx, { userId, channel: "sms", e164: "+12125550155", by: "staff:x", holdSeconds: 7 * 86_400 }),
  );
  expect(await importText(text("+12125550143", "+12125550144"))).toMatchObject({
    counts: { changed: 1, phonesKept: 1 },
  });
  expect(
    await db.sql`select channel, e164, changed_by, held_until is not null as held from user_phone order by channel`,
  ).toEqual([
    { channel: "sms", e164: "+12125550155", changed_by: "staff:x", held: true },
    { channel: "voice", e164: "+12125550144", changed_by: null, held: false },
  ]);
  expect(await importText(text("+12125550143", "+12125550144"))).toMatchObject({
    counts: { unchanged: 1, phonesKept: 1 },
  });
  await inTransaction((tx) =>
    setPhone(tx, { userId, channel: "sms", e164: null, by: "staff:x", holdSeconds: 7 * 86_400 }),
  );
  expect(await importText(text("+12125550143", "+12125550144"))).toMatchObject({
    counts: { unchanged: 1, phonesKept: 1 },
  });
  expect(await db.sql`select channel from user_phone`).toEqual([{ channel: "voice" }]);
  const changes =
    await db.sql`select details from audit_event where kind = 'phone.changed' and user_id = ${userId} order by id`;
  expect(changes.map(({ details }) => details)).toEqual([
    { channel: "voice", before: "42", after: "44", by: "directory" },
  ]);
});

test("who is disabled loses every live grant with it, and may come back without them", async () => {
  await importText("login,disabled\nada,no\n");
  const { id: userId } = (await findUser("ada")) as { id: string };
  await insertGrant(db.sql, userId, "sms");
  await insertGrant(db.sql, userId, "voice");
  expect(await importText("login,disabled\nada,yes\n", { isConfirmed: true })).toMatchObject({
    counts: { changed: 0, disabled: 1, absent: 0, grantsEnded: 2 },
  });
  expect(await db.sql`select ended_as, end_reason from grants`).toEqual([
    { ended_as: "revoked", end_reason: "disabled" },
    { ended_as: "revoked", end_reason: "disabled" },
  ]);
  expect((await events()).map(({ kind }) => kind)).toEqual([
    "directory.import-asked",
    "directory.import-begun",
    "grant.revoked",
    "grant.revoked",
    "user.disabled",
    "directory.imported",
  ]);
  expect(await importText("login,disabled\nada,no\n")).toMatchObject({ counts: { changed: 0, enabled: 1 } });
  expect((await events()).map(({ kind }) => kind)).toContain("user.enabled");
  expect(await db.sql`select 1 from grants where ended_at is null`).toHaveLength(0);
});

test("with replace, who isn't in the file is disabled; more than a tenth only when confirmed", async () => {
  await importText(some(20));
  const { id: userId } = (await findUser("p19")) as { id: string };
  await insertGrant(db.sql, userId);
  expect(await importText(some(18), { isReplacing: true })).toMatchObject({
    ok: true,
    counts: { unchanged: 18, disabled: 2, absent: 2, grantsEnded: 1 },
  });
  expect((await findUser("p19"))?.disabled_at).not.toBeNull();
  expect(await importText(some(16), { isReplacing: true })).toMatchObject({
    reason: "too_many_disabled",
    enabled: 18,
    counts: { disabled: 2 },
  });
  expect(await db.sql`select 1 from users where disabled_at is null`).toHaveLength(18);
  expect(await events()).toMatchObject([
    { kind: "directory.import-asked" },
    { kind: "directory.imported", outcome: "refused", reason: "too_many_disabled" },
  ]);
  expect(await importText(some(16), { isReplacing: true, isConfirmed: true })).toMatchObject({ ok: true });
  expect(await db.sql`select 1 from users where disabled_at is null`).toHaveLength(16);
});

test("with replace, who stands in a refused line stays, and a line that names nobody disables nobody", async () => {
  await importText("login,email\nada,\nbob,\n");
  const wish = { isReplacing: true, isConfirmed: true };
  expect(await importText("login,email\nada,nobody\nbob,\n", wish)).toMatchObject({
    ok: true,
    counts: { refused: 1, disabled: 0 },
  });
  expect(await importText("login,email\n,ada@example.com\nbob,\n", wish)).toMatchObject({
    reason: "nameless",
  });
  expect(await db.sql`select 1 from users where disabled_at is null`).toHaveLength(2);
});

test("staff can't import: it is the operator's", async () => {
  writeFileSync(file, happy);
  const wish = { file, isReplacing: false, isPreview: true, isConfirmed: false };
  await expect(importFile(staffContext("helpdesk"), wish)).rejects.toMatchObject({ name: "Denied" });
});

test("4,000 people, killed in the middle and run again: all are there, once", {
  timeout: 240_000,
}, async () => {
  const count = 4_000;
  const text = some(count, (n) => `p${n},Person ${n} of Many`);
  writeFileSync(file, text);
  const child = spawn(process.execPath, ["tools/run.mjs", "api/shell.ts", "import", file], {
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  const here = async () => Number((await db.sql`select count(*) from users`)[0]?.count);
  while ((await here()) < 500 && child.exitCode === null) await sleep(20);
  child.kill("SIGKILL");
  expect(await ended).toBe("SIGKILL");
  await sleep(200);
  const before = await here();
  expect(before).toBeGreaterThanOrEqual(500);
  expect(before).toBeLessThan(count);
  expect(await importText(text)).toMatchObject({ counts: { added: count - before, unchanged: before } });
  expect(await here()).toBe(count);
  expect(await importText(text, { isReplacing: true })).toMatchObject({
    counts: { unchanged: count, disabled: 0 },
  });
});

test("whom a directory keeps by SCIM a file neither changes nor disables, and its line says why", async () => {
  await importText("login,display_name\nkept,Kept\nours,Ours\n");
  await db.sql`update users set source = 'scim' where login = 'kept'`;
  const result = await importText("login,display_name\nkept,Changed\nours,Changed\n", { isReplacing: true });
  expect(result).toMatchObject({ ok: true, counts: { refused: 1, changed: 1, disabled: 0 } });
  expect(readFileSync(refusedFile, "utf8")).toContain("the directory keeps this person by SCIM");
  const replaced = await importText("login\nours\n", { isReplacing: true, isConfirmed: true });
  expect(replaced).toMatchObject({ ok: true, counts: { disabled: 0 } });
  expect(await db.sql`select display_name, disabled_at from users where login = 'kept'`).toEqual([
    { display_name: "Kept", disabled_at: null },
  ]);
});

test("nobody of a file takes a name by which somebody else is known to a directory, and each keeps the names they have", async () => {
  await importText("login,e-mail\ngrace@corp.example,grace@example.com\nmine,mine@example.com\noff,\n");
  await db.sql`update users set source = 'ldap' where login = 'grace@corp.example'`;
  const text = [
    "login,e-mail,title,disabled",
    "Grace@Example.com,,,",
    "new1,GRACE@example.com,,",
    "new2,grace@corp.example,,",
    "mine,grace@example.com,,",
    "off,grace@example.com,,yes",
    "fine,fine@example.com,,",
  ].join("\n");
  const preview = await importText(text, { isPreview: true });
  expect(preview).toMatchObject({ ok: true, counts: { refused: 4, added: 1, changed: 0, disabled: 1 } });
  const result = await importText(text, { isConfirmed: true });
  expect(result).toMatchObject({ ok: true, counts: { refused: 4, added: 1, changed: 0, disabled: 1 } });
  const refused = readFileSync(refusedFile, "utf8");
  expect(refused.match(/the login is the e-mail of somebody whom LDAP keeps/g)).toHaveLength(1);
  expect(refused.match(/the e-mail leads to somebody whom LDAP keeps/g)).toHaveLength(3);
  expect((await findUser("mine"))?.email).toBe("mine@example.com");

  await importText("login,disabled\noff,no\n");
  expect((await findUser("off"))?.disabled_at).not.toBeNull();
  await db.sql`update users set email = 'grace@example.com', email_key = 'grace@example.com' where login = 'mine'`;
  expect(await importText("login,e-mail,title\nmine,grace@example.com,Analyst\n")).toMatchObject({
    ok: true,
    counts: { refused: 0, changed: 1 },
  });
});

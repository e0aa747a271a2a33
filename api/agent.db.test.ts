import { generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { CompactSign } from "jose";
import { expect, test } from "vitest";
import { createEnrolmentToken } from "@/lib/machines/create-enrolment-token";
import { keepSlots } from "@/lib/machines/keep-slots";
import { deriveTokenKey } from "@/lib/machines/token-key";
import { systemContext } from "@/lib/platform/context";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors, postBeginning, tenMegabytes } from "@/tools/testing/doors";
import { makeLegacyToken } from "@/tools/testing/legacy-key";
import { type Lies, TestMachine } from "@/tools/testing/machine";
import { insertUser, loginOf } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const security = staffContext("security");
let names = 0;

async function makeToken(machine: string, userIds: string[] = []): Promise<string> {
  const users = await Promise.all(userIds.map((id) => loginOf(db.sql, id)));
  const made = await createEnrolmentToken(security, { machine, users });
  if (!made.ok) throw new Error(made.reason);
  return made.token;
}

async function enrolOne(userIds: string[] = []): Promise<TestMachine> {
  names += 1;
  const machine = new TestMachine(doors, `LAPTOP-${names}`);
  const answer = await machine.enrol(await makeToken(machine.name, userIds));
  expect(answer.status).toBe(201);
  return machine;
}

const eventsOf = (machineId: string) =>
  db.sql<{ kind: string; reason: string | null }[]>`
    select kind, reason from audit_event where target_id = ${machineId} order by id`;

test("a machine enrols, syncs and says what it stores (offline, Enrolment, Package)", async () => {
  const user = await insertUser(db.sql);
  const machine = await enrolOne([user.id]);
  const { package: made } = await machine.sync();
  expect(made?.users).toHaveLength(1);
  expect(made?.users[0]?.slots.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
    "once open",
    "once open",
  ]);
  const [row] =
    await db.sql`select *, stored_serial = serial as is_last from machine where id = ${machine.machineId}`;
  expect(row).toMatchObject({
    is_last: true,
    agent_version: "0.0.1",
    enrolled_by: expect.stringContaining("staff:"),
  });
  expect(await eventsOf(machine.machineId)).toEqual([{ kind: "machine.enrolled", reason: null }]);
});

test("enrol-twice: of ten machines with one token at once one is enrolled, and the token is spent", async () => {
  const token = await makeToken("RACE-1");
  const machines = Array.from({ length: 10 }, () => new TestMachine(doors, "RACE-1"));
  const answers = await Promise.all(machines.map((machine) => machine.enrol(token)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.error))).toEqual(
    new Set(["token_refused"]),
  );
  const [count] = await db.sql`select count(*)::int as n from machine where name = 'RACE-1'`;
  expect(count?.n).toBe(1);
});

test("enrol-twice: two tokens of one name at once enrol one machine, and the other token stays good", async () => {
  const [a, b] = [await makeToken("RACE-2"), await makeToken("race-2")];
  const answers = await Promise.all([a, b].map((token) => new TestMachine(doors, "RACE-2").enrol(token)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  expect(answers.find(({ status }) => status === 409)?.body.error).toBe("already_enrolled");
  const [left] =
    await db.sql`select count(*)::int as n from enrolment_token where lower(machine_name) = 'race-2' and used_at is null`;
  expect(left?.n).toBe(1);
  expect(await createEnrolmentToken(security, { machine: "Race-2", users: [] })).toMatchObject({
    ok: false,
    reason: "already_enrolled",
  });
});

test("a token that is unknown, used, over or of another name is the same refusal", async () => {
  const used = await makeToken("USED-1");
  await new TestMachine(doors, "USED-1").enrol(used);
  const over = await makeToken("OVER-1");
  await db.sql`update enrolment_token set created_at = now() - interval '11 minutes', expires_at = now() - interval '1 second' where machine_name = 'OVER-1'`;
  const other = await makeToken("NAME-1");
  const unknown = `${randomBytes(16).toString("base64url")}.${used.split(".")[1]}`;
  const answers = [
    await new TestMachine(doors, "USED-1").enrol(used),
    await new TestMachine(doors, "OVER-1").enrol(over),
    await new TestMachine(doors, "NAME-2").enrol(other),
    await new TestMachine(doors, "NAME-3").enrol(unknown),
  ];
  const { requestId: _, ...first } = answers[0]?.body ?? {};
  for (const { status, body } of answers)
    expect({ status, body }).toMatchObject({ status: 403, body: first });
  expect((await new TestMachine(doors, "name-1").enrol(other)).status).toBe(201);
});

test("enrol-in-between: who carries a wish to enrol can put no key, name or version of their own into it, and the token stays the machine's", async () => {
  const token = await makeToken("BETWEEN-1");
  const machine = new TestMachine(doors, "BETWEEN-1");
  const theirs = new TestMachine(doors, "BETWEEN-1");
  const wish = await machine.wish(token);
  expect(wish).not.toContain(token.split(".")[0]);
  const [header, payload, signature] = wish.split(".") as [string, string, string];
  const said = JSON.parse(Buffer.from(payload, "base64url").toString());
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString());
  const swapped = { ...said, publicKey: theirs.publicKey };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const sign = (kid: string) =>
    new CompactSign(Buffer.from(JSON.stringify(swapped)))
      .setProtectedHeader({ alg: "EdDSA", typ: "sparekey-enrol", kid })
      .sign(theirs.keys.privateKey);
  const forged = [
    `${header}.${encode(swapped)}.${signature}`,
    `${header}.${encode({ ...said, machine: "between-1" })}.${signature}`,
    `${header}.${encode({ ...said, agentVersion: "9.9" })}.${signature}`,
    await sign(kid),
    await sign(theirs.publicKey),
    await theirs.wish(`${randomBytes(16).toString("base64url")}.${token.split(".")[1]}`),
  ];
  for (const each of forged) {
    const answer = await doors.call("POST", "/agent/v1/enrol", { body: { wish: each } });
    expect([answer.status, answer.body.error]).toEqual([403, "token_refused"]);
  }
  expect((await doors.call("POST", "/agent/v1/enrol", { body: { wish } })).status).toBe(201);
  const [row] = await db.sql<
    { key: Buffer }[]
  >`select public_key as key from machine where name = 'BETWEEN-1'`;
  expect(row?.key.toString("base64url")).toBe(machine.publicKey);
});

test("what is stored of a token can't enrol: neither it nor the key's public half is in the database", async () => {
  const token = await makeToken("STORED-1");
  const [row] = await db.sql<{ text: string }[]>`
    select row_to_json(t)::text || encode(t.digest, 'base64') as text from enrolment_token t where machine_name = 'STORED-1'`;
  const { publicKey } = deriveTokenKey(token);
  const [random = ""] = token.split(".");
  for (const secret of [random, publicKey])
    for (const form of [secret, Buffer.from(secret, "base64url").toString("hex")])
      expect(row?.text).not.toContain(form);
});

test("a request that a machine didn't sign for this very call is refused, each in the same words", async () => {
  const machine = await enrolOne();
  const now = Math.floor(Date.now() / 1000);
  const stranger = generateKeyPairSync("ed25519").privateKey;
  const lies: Record<string, Lies> = {
    "another key": { key: stranger },
    "an unknown machine": { kid: randomUUID() },
    "no machine id": { kid: "LAPTOP-1" },
    "another audience": { aud: "https://elsewhere.example" },
    "another method": { method: "PUT" },
    "another path": { path: "/agent/v1/stored" },
    "another body": { body: Buffer.alloc(32).toString("base64url") },
    expired: { iat: now - 61, exp: now - 1 },
    "of the future": { iat: now + 30, exp: now + 60 },
    "good for too long": { iat: now, exp: now + 61 },
    "no number of its own": { jti: "short" },
    "a NUL in its number": { jti: `${randomUUID()}\0` },
    "a shared secret": { alg: "HS256", key: Buffer.from(machine.publicKey) },
  };
  const bodies = new Set<string>();
  for (const [what, lie] of Object.entries(lies)) {
    const answer = await machine.call("POST", "/agent/v1/leave", undefined, lie);
    expect([what, answer.status]).toEqual([what, 401]);
    const { requestId, ...body } = answer.body;
    bodies.add(JSON.stringify(body));
  }
  for (const authorization of ["", "Bearer", "Bearer x", "Bearer a.b.c", `Bearer ${"x".repeat(9000)}`]) {
    const answer = await doors.call("POST", "/agent/v1/leave", { headers: { authorization } });
    expect(answer.status).toBe(401);
    const { requestId, ...body } = answer.body;
    bodies.add(JSON.stringify(body));
  }
  expect(bodies.size).toBe(1);
  const reasons = (await eventsOf(machine.machineId)).map(({ reason }) => reason);
  expect(reasons).toEqual([
    null,
    "signature",
    "audience",
    "method",
    "path",
    "body",
    "expired",
    "not_yet",
    "too_long",
    "malformed",
    "malformed",
  ]);
  expect((await machine.call("POST", "/agent/v1/leave")).status).toBe(204);
});

test("replayed-request: of twenty copies of one request at once one counts, and none later", async () => {
  const machine = await enrolOne();
  const body = JSON.stringify({ agentVersion: "1", holds: null, pinned: machine.pinned, receipts: [] });
  const authorization = `Bearer ${await machine.sign("POST", "/agent/v1/sync", body)}`;
  const send = () => doors.call("POST", "/agent/v1/sync", { headers: { authorization }, body });
  const answers = await Promise.all(Array.from({ length: 20 }, send));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect((await send()).status).toBe(401);
  const [row] =
    await db.sql`select count(*)::int as n from machine_request where machine_id = ${machine.machineId}`;
  expect(row?.n).toBe(1);
});

test("a stranger's body is not waited for: without a machine's signature the answer comes before it, and a wish to enrol is short", async () => {
  const stranger = await new TestMachine(doors, "NOBODY-1").sign("POST", "/agent/v1/sync", "", {
    kid: randomUUID(),
  });
  const headers = {
    "content-type": "application/json",
    "content-length": "400000",
    authorization: `Bearer ${stranger}`,
  };
  expect((await postBeginning(`${doors.url}/agent/v1/sync`, headers)).status).toBe(401);
  const body = { wish: "x".repeat(4_100) };
  expect((await doors.call("POST", "/agent/v1/enrol", { body })).status).toBe(413);
});

test("bodies that are no request are refused clearly, whoever sends them", async () => {
  const machine = await enrolOne();
  const sync = { agentVersion: "1", holds: null, pinned: machine.pinned, receipts: [] };
  const bad: unknown[] = [
    null,
    [],
    {},
    { ...sync, more: 1 },
    { ...sync, agentVersion: "1\0" },
    { ...sync, agentVersion: "x".repeat(41) },
    { ...sync, holds: { generation: 2 ** 31, serial: 1 } },
    { ...sync, holds: { generation: -1, serial: 1 } },
    { ...sync, holds: { generation: 1, serial: 1e300 } },
    { ...sync, pinned: "x" },
    { ...sync, receipts: Array(201).fill("a.b.c") },
    { ...sync, receipts: ["\0"] },
  ];
  for (const body of bad) {
    const answer = await machine.call("POST", "/agent/v1/sync", body);
    expect([JSON.stringify(body)?.slice(0, 80), answer.status]).toEqual([
      JSON.stringify(body)?.slice(0, 80),
      400,
    ]);
    expect(answer.body).toMatchObject({ error: "bad_request", requestId: expect.any(String) });
  }
  for (const [path, status, error] of [
    ["enrol", 413, "too_large"],
    ["sync", 401, "unauthorized"],
    ["stored", 401, "unauthorized"],
    ["enrolment-tokens", 401, "unauthorized"],
  ] as const) {
    const big = await postBeginning(`${doors.url}/agent/v1/${path}`, tenMegabytes, "xxx");
    expect([path, big.status, big.body.error]).toEqual([path, status, error]);
    const junk = await doors.call("POST", `/agent/v1/${path}`, { body: '{"token":"\\u0000"' });
    expect([path, junk.status < 500]).toEqual([path, true]);
  }
  const token = await makeToken("NUL-1");
  for (const lie of [
    { machine: "a\0b" },
    { machine: "-" },
    { publicKey: "AAAA" },
    { agentVersion: "" },
    { signingKey: "x" },
    { token },
  ])
    expect((await new TestMachine(doors, "NUL-1").enrol(token, lie)).status).toBe(400);
  for (const wish of ["", "x", "a.b.c", "e30.e30.e30", `${await machine.wish(token)}.x`, 7])
    expect((await doors.call("POST", "/agent/v1/enrol", { body: { wish } })).status).toBeGreaterThan(399);
  expect((await doors.call("GET", "/agent/v1/nothing")).body.error).toBe("not_found");
});

test("a released machine is told so, a stranger who uses its id is not, and its name is free", async () => {
  const machine = await enrolOne();
  await db.sql`update machine set ended_at = now(), ended_as = 'released' where id = ${machine.machineId}`;
  expect((await machine.sync()).status).toBe(410);
  const lie = { key: generateKeyPairSync("ed25519").privateKey };
  expect((await machine.call("POST", "/agent/v1/leave", undefined, lie)).status).toBe(401);
  expect((await new TestMachine(doors, machine.name).enrol(await makeToken(machine.name))).status).toBe(201);
});

test("a machine that leaves holds nothing any more, and its name is free", async () => {
  const user = await insertUser(db.sql);
  const machine = await enrolOne([user.id]);
  await machine.sync();
  expect((await machine.call("POST", "/agent/v1/leave")).status).toBe(204);
  const held =
    await db.sql`select 1 from package_slot where machine_id = ${machine.machineId} and gone_at is null`;
  expect(held).toHaveLength(0);
  expect((await machine.call("POST", "/agent/v1/leave")).status).toBe(410);
  await makeToken(machine.name);
});

test("hundreds of users get what is there at once, and the rest by a job", async () => {
  const users = [];
  for (let n = 0; n < 12; n += 1) users.push((await insertUser(db.sql)).id);
  const machine = await enrolOne(users);
  const first = await machine.sync();
  expect(first.package?.users).toHaveLength(12);
  expect(first.body.syncSeconds).toBe(60);
  await keepSlots(systemContext("test", "test"), { secondsMax: 60 });
  const second = await machine.sync();
  expect(second.package?.users.every(({ slots }) => slots.length === 2)).toBe(true);
  expect(second.body.syncSeconds).toBe(14_400);
});

test("a flood of strangers writes so many events a second at most, and those say how many it was", async () => {
  const [before] = await db.sql`select coalesce(max(id), 0) as id from audit_event`;
  const token = `${"A".repeat(22)}.${"A".repeat(43)}`;
  const flood = new TestMachine(doors, "FLOOD-1");
  const stranger = (n: number) =>
    n % 2 === 0 ? doors.call("POST", "/agent/v1/sync", { body: {} }) : flood.enrol(token);
  const begun = performance.now();
  const answers = await Promise.all(Array.from({ length: 150 }, (_, n) => stranger(n)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 403]));
  const count = async () =>
    (
      await db.sql`select count(*)::int as events, coalesce(sum((details->>'unrecorded')::int), 0)::int as unrecorded
        from audit_event where id > ${before?.id}`
    )[0];
  const seconds = Math.ceil((performance.now() - begun) / 1000) + 1;
  expect((await count())?.events).toBeLessThanOrEqual(50 * seconds);
  await expect
    .poll(
      async () => {
        await stranger(0);
        const counted = await count();
        return counted?.events + counted?.unrecorded;
      },
      { interval: 200 },
    )
    .toBeGreaterThan(150);
});

test("scripts of the role integration bring machines in and release them; helpdesk keys and strangers don't", async () => {
  const user = await insertUser(db.sql);
  const login = `user-${user.id.slice(0, 8)}`;
  const tokens = {
    integration: await makeLegacyToken("integration"),
    helpdesk: await makeLegacyToken("helpdesk"),
    stranger: "x",
  };
  const call = (who: keyof typeof tokens, method: string, path: string, body?: unknown) =>
    doors.call(method, `/agent/v1/${path}`, { headers: { authorization: `Bearer ${tokens[who]}` }, body });
  const wish = { machine: "SCRIPT-1", users: [login] };
  expect((await call("stranger", "POST", "enrolment-tokens", wish)).status).toBe(401);
  expect(await call("helpdesk", "POST", "enrolment-tokens", wish)).toMatchObject({
    status: 403,
    body: { error: "forbidden", requestId: expect.any(String) },
  });
  const unknown = await call("integration", "POST", "enrolment-tokens", {
    ...wish,
    users: [login, "nobody\0", "no.one"],
  });
  expect(unknown).toMatchObject({
    status: 400,
    body: { error: "unknown_users", users: ["nobody\0", "no.one"] },
  });
  expect(unknown.body.message).toContain("no.one");
  const made = await call("integration", "POST", "enrolment-tokens", wish);
  expect(made.status).toBe(200);
  expect(Date.parse(made.body.expiresAt) - Date.now()).toBeGreaterThan(590_000);
  const machine = new TestMachine(doors, "SCRIPT-1");
  expect((await machine.enrol(made.body.token)).status).toBe(201);
  expect((await call("integration", "POST", "enrolment-tokens", wish)).body.error).toBe("already_enrolled");
  expect((await call("helpdesk", "DELETE", "machines/SCRIPT-1")).status).toBe(403);
  const names = ["NONE-1", "%00", "a%2Fb", "x".repeat(300), "%zz"];
  const answers = names.map((name) => call("integration", "DELETE", `machines/${name}`));
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([404, 404, 404, 404, 400]);
  expect((await call("integration", "DELETE", "machines/script-1")).status).toBe(204);
  expect((await machine.sync()).status).toBe(410);
  expect((await call("integration", "POST", "enrolment-tokens", wish)).status).toBe(200);
});

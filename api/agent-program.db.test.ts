import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { endEmergencyAccess } from "@/lib/grants/revoke";
import { createEnrolmentToken } from "@/lib/machines/create-enrolment-token";
import { announceSigningKey, endSigningKey, putSigningKeyInForce } from "@/lib/machines/rotate-signing-key";
import { startGeneration } from "@/lib/operation/backup";
import { forgetConfig } from "@/lib/platform/config";
import { makeKeyPair } from "@/lib/platform/key-pair";
import { buildAgent } from "@/tools/build-agent";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { issueCode } from "@/tools/testing/issuing";
import { insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const security = staffContext("security");
const folder = mkdtempSync("/tmp/sparekey-agent-program-");
const program = path.join(folder, "agent.mjs");

beforeAll(async () => {
  await buildAgent(program);
  process.env.BASE_URL = doors.url;
  forgetConfig();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The built program, run as a machine's owner runs it. */
function run(state: string, args: string[], input = ""): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args, "--state", path.join(folder, state)]);
    let out = "";
    child.stdout.on("data", (chunk) => (out += chunk));
    child.stderr.on("data", (chunk) => (out += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out: out.trim() }));
    child.stdin.end(input);
  });
}

async function enrol(name: string, users: string[] = []) {
  const made = await createEnrolmentToken(security, { machine: name, users });
  if (!made.ok) throw new Error(made.reason);
  const enrolled = await run(name, ["enroll", "--server", doors.url, "--token", made.token, "--name", name]);
  expect(enrolled).toMatchObject({ code: 0 });
  expect((await run(name, ["sync"])).out).toBe("synced");
  const verify = async (login: string, code: string) =>
    (await run(name, ["verify", "--user", login], code)).out;
  const sync = async () => (await run(name, ["sync"])).out;
  return { verify, sync };
}

async function makeUser() {
  const { id } = await insertUser(db.sql);
  return { id, login: `user-${id.slice(0, 8)}` };
}

test("the program and the server agree: enrol, sync, a code issued after that, its use, and what both books say", async () => {
  const user = await makeUser();
  const laptop = await enrol("LAPTOP-7", [user.login]);
  const { text, grantId } = await issueCode(user.id);
  expect(await laptop.verify(user.login, "0000-0000-0000-0000")).toBe("no wrong");
  expect(await laptop.verify(user.login.toUpperCase(), text)).toBe("yes");
  expect(await laptop.verify(user.login, text)).toMatch(/^no /);
  expect(await laptop.sync()).toBe("synced");
  const [grant] = await db.sql`select ended_as from grants where id = ${grantId}`;
  expect(grant?.ended_as).toBe("spent");
  const alarms = await db.sql`select kind from machine_alarm`;
  expect(alarms).toEqual([]);
});

test("a revoked code dies on a machine with its next sync, and opens until then", async () => {
  const user = await makeUser();
  const [near, far] = [await enrol("NEAR-1", [user.login]), await enrol("FAR-1", [user.login])];
  const { text } = await issueCode(user.id);
  expect(await endEmergencyAccess(security, { userId: user.id, reason: "mistake" })).toMatchObject({
    ok: true,
  });
  expect(await near.sync()).toBe("synced");
  expect(await near.verify(user.login, text)).toBe("no revoked");
  expect(await far.verify(user.login, text)).toBe("yes");
});

test("the program follows a rotation of the signing key to its end, and a restore to the new generation", async () => {
  const user = await makeUser();
  const laptop = await enrol("ROTATE-1", [user.login]);
  const [before] = await db.sql`select id from signing_key where ended_at is null`;
  const announced = await announceSigningKey(security);
  expect(announced.ok).toBe(true);
  expect(await laptop.sync()).toBe("synced");
  await putSigningKeyInForce(security);
  await endSigningKey(security, { id: before?.id as string, force: true });
  expect(await laptop.sync()).toBe("synced");
  await startGeneration(db.url);
  expect(await laptop.sync()).toBe("synced");
  const { text } = await issueCode(user.id);
  expect(await laptop.verify(user.login, text)).toBe("yes");
});

test("a machine that leaves holds nothing, can't be asked any more, and its name is free", async () => {
  const user = await makeUser();
  const laptop = await enrol("LEAVE-1", [user.login]);
  const { text } = await issueCode(user.id);
  expect((await run("LEAVE-1", ["leave"])).code).toBe(0);
  expect(await laptop.verify(user.login, text)).toMatch(/^unknown /);
  const [row] =
    await db.sql`select ended_as, (select count(*)::int from package_slot p where p.machine_id = m.id and gone_at is null) as held from machine m where name = 'LEAVE-1'`;
  expect(row).toEqual({ ended_as: "released", held: 0 });
  const again = await enrol("LEAVE-1", [user.login]);
  expect(await again.verify(user.login, text)).toBe("yes");
});

test("enrol-in-between: a proxy that opens TLS, passes our key on and puts a key of its own in the machine's place enrols nobody", async () => {
  const made = await createEnrolmentToken(security, { machine: "PROXY-2", users: [] });
  if (!made.ok) throw new Error(made.reason);
  const stolen = (await makeKeyPair("ed25519")).publicKey.export({ format: "jwk" }).x as string;
  const seen: string[] = [];
  const proxy = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push(`${request.url} ${body}`);
    if (request.url?.endsWith("/enrol")) {
      const [header, payload = "", signature] = JSON.parse(body).wish.split(".");
      const wish = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), publicKey: stolen };
      const swapped = Buffer.from(JSON.stringify(wish)).toString("base64url");
      body = JSON.stringify({ wish: `${header}.${swapped}.${signature}` });
    }
    const answer = await fetch(`${doors.url}${request.url}`, {
      method: request.method as string,
      headers: { "content-type": "application/json" },
      ...(body === "" ? {} : { body }),
    });
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const through = ["enroll", "--server", url, "--token", made.token, "--name", "PROXY-2"];
  const ran = await run("PROXY-2", through).finally(() => proxy.close());
  expect(ran).toMatchObject({ code: 1, out: expect.stringContaining("token") });
  expect(seen).toHaveLength(2);
  expect(seen.join()).not.toContain(made.token.split(".")[0]);
  expect(await db.sql`select id from machine where name = 'PROXY-2'`).toHaveLength(0);
  const direct = ["enroll", "--server", doors.url, "--token", made.token, "--name", "PROXY-2"];
  expect(await run("PROXY-2", direct)).toMatchObject({ code: 0 });
});

test("nothing is said to a server whose key isn't the token's", async () => {
  const made = await createEnrolmentToken(security, { machine: "PROXY-1", users: [] });
  if (!made.ok) throw new Error(made.reason);
  const other = `${made.token.split(".")[0]}.${"A".repeat(43)}`;
  const refused = await run("PROXY-1", [
    "enroll",
    "--server",
    doors.url,
    "--token",
    other,
    "--name",
    "PROXY-1",
  ]);
  expect(refused.code).not.toBe(0);
  const [event] =
    await db.sql`select count(*)::int as n from audit_event where kind = 'machine.enrolled' and details->>'machine' = 'PROXY-1'`;
  expect(event?.n).toBe(0);
});

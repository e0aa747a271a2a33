import { createPrivateKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { exportJWK, UnsecuredJWT } from "jose";
import { beforeEach, expect, test } from "vitest";
import { makeClientKey } from "@/tools/testing/authn-api";
import { listStatements, openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { makeLegacyKey, signLegacyToken } from "@/tools/testing/legacy-key";
import { authenticateLegacyKey } from "./authenticate-legacy-key";
import { authenticateClientKey } from "./authenticate-secret";
import { forgetClients } from "./cache";
import { endClient } from "./end";

const db = openTestDatabase();
const owner = () => staffContext("owner");
const seconds = () => Math.floor(Date.now() / 1000);

beforeEach(async () => {
  await db.sql`delete from client`;
  forgetClients();
});

async function lastRefusal() {
  const [event] =
    await db.sql`select outcome, reason, target_id from audit_event where kind = 'client.refused' order by id desc limit 1`;
  return event;
}

test("a token signed with the key of the file opens the door, as the key's role", async () => {
  const { keyFile, client } = await makeLegacyKey("helpdesk");
  const result = await authenticateLegacyKey(publicContext(), await signLegacyToken(keyFile));
  expect(result).toMatchObject({ ok: true, client: { id: client.id, role: "helpdesk", kind: "legacy_key" } });
});

test.each([
  ["", "http://localhost:3000"],
  ["a slash", "http://localhost:3000/"],
  ["the address and a slash", "http://localhost:3000/AdminInterface/restapi/"],
])("the base URL with %s is an audience too", async (_with, aud) => {
  const { keyFile } = await makeLegacyKey();
  const token = await signLegacyToken(keyFile, { aud });
  expect(await authenticateLegacyKey(publicContext(), token)).toMatchObject({ ok: true });
});

test.each<[string, () => Record<string, unknown>, boolean | string]>([
  ["ended 59 s ago", () => ({ iat: seconds() - 3600, exp: seconds() - 55 }), true],
  ["ended 65 s ago", () => ({ iat: seconds() - 3600, exp: seconds() - 65 }), "expired"],
  ["issued 59 min ahead", () => ({ iat: seconds() + 3540, exp: seconds() + 3600 }), true],
  ["issued more than an hour ahead", () => ({ iat: seconds() + 3700, exp: seconds() + 7200 }), "not_yet"],
  ["good for an hour and a second", () => ({ iat: seconds(), exp: seconds() + 3601 }), "too_long"],
  ["for another audience", () => ({ aud: "https://elsewhere.example/AdminInterface/restapi" }), "audience"],
  ["of an unknown access id", () => ({ sub: randomUUID() }), "unknown_key"],
  ["of an access id with a NUL", () => ({ sub: "a\0b" }), "malformed"],
])("a token %s", async (_what, claims, expected) => {
  const { keyFile } = await makeLegacyKey();
  const result = await authenticateLegacyKey(publicContext(), await signLegacyToken(keyFile, claims()));
  if (expected === true) expect(result.ok).toBe(true);
  else {
    expect(result).toEqual({ ok: false, reason: expected });
    expect(await lastRefusal()).toMatchObject({ outcome: "refused", reason: expected });
  }
});

test.each(["iat", "exp", "sub", "aud"] as const)("a token without %s opens nothing", async (name) => {
  const { keyFile } = await makeLegacyKey();
  const token = await signLegacyToken(keyFile, { [name]: undefined });
  expect(await authenticateLegacyKey(publicContext(), token)).toMatchObject({ ok: false });
});

test("a token of another key, of no algorithm or of a symmetric one opens nothing (forged-signature)", async () => {
  const { keyFile, client } = await makeLegacyKey();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const forged = await signLegacyToken(keyFile, {}, { key: privateKey });
  expect(await authenticateLegacyKey(publicContext(), forged)).toEqual({ ok: false, reason: "signature" });
  expect(await lastRefusal()).toMatchObject({ reason: "signature", target_id: client.id });

  const claims = { sub: keyFile.accessID, aud: keyFile.adminRestApiUrl };
  const unsecured = new UnsecuredJWT(claims).setIssuedAt().setExpirationTime("5m").encode();
  expect(await authenticateLegacyKey(publicContext(), unsecured)).toMatchObject({ ok: false });

  const publicPem = Buffer.from(
    JSON.stringify(await exportJWK(createPrivateKey(keyFile.accessKey))),
  ).subarray(0, 64);
  for (const alg of ["HS256", "HS384", "HS512"]) {
    const token = await signLegacyToken(keyFile, {}, { alg, key: publicPem });
    expect(await authenticateLegacyKey(publicContext(), token)).toEqual({ ok: false, reason: "algorithm" });
  }
  for (const alg of ["RS384", "PS256"]) {
    const token = await signLegacyToken(keyFile, {}, { alg });
    expect(await authenticateLegacyKey(publicContext(), token)).toEqual({ ok: false, reason: "algorithm" });
  }
});

test.each(["", "x", "a.b.c", "....", "\0", "💥".repeat(100), "x".repeat(100_000)])(
  "what is no token opens nothing",
  async (token) => {
    expect(await authenticateLegacyKey(publicContext(), token)).toMatchObject({ ok: false });
  },
);

test("a client key opens the door by its digest, and is stored nowhere", async () => {
  const { key, id } = await makeClientKey();
  expect(await authenticateClientKey(publicContext(), key)).toMatchObject({
    ok: true,
    client: { id, role: null },
  });
  const rows = await db.sql`select c::text as line from client c`;
  expect(rows.map((row) => row.line).join()).not.toContain(key);
});

test("a wrong, an empty and a huge client key open nothing, and the log says so", async () => {
  await makeClientKey();
  for (const key of [undefined, "", "nope", "x".repeat(5000), "\0"]) {
    expect(await authenticateClientKey(publicContext(), key)).toMatchObject({ ok: false });
    expect(await lastRefusal()).toMatchObject({ outcome: "refused" });
  }
});

test("a flood of keys that nobody has takes one connection, and a true key among them is found", async () => {
  const { key, id } = await makeClientKey();
  const { keyFile } = await makeLegacyKey();
  const origin = publicContext();
  forgetClients();
  const answers: { ok: boolean }[] = [];
  const statements = await listStatements(async () => {
    const strangers = Array.from({ length: 200 }, () => authenticateClientKey(origin, randomUUID()));
    const legacy = await signLegacyToken(keyFile, { sub: randomUUID() });
    answers.push(
      ...(await Promise.all([
        ...strangers,
        authenticateClientKey(origin, key),
        authenticateClientKey(origin, key),
        authenticateLegacyKey(origin, legacy),
        authenticateLegacyKey(origin, await signLegacyToken(keyFile)),
      ])),
    );
  });
  expect(answers.map(({ ok }) => ok)).toEqual([...Array(200).fill(false), true, true, false, true]);
  expect(answers[200]).toMatchObject({ client: { id } });
  expect(statements.filter((statement) => statement.includes("from asked")).length).toBeLessThan(10);
});

test("an ended client opens nothing from then on", async () => {
  const key = await makeClientKey();
  const legacy = await makeLegacyKey();
  const token = await signLegacyToken(legacy.keyFile);
  expect((await authenticateClientKey(publicContext(), key.key)).ok).toBe(true);
  expect((await authenticateLegacyKey(publicContext(), token)).ok).toBe(true);
  expect(await endClient(owner(), { clientId: key.id })).toEqual({ ok: true });
  expect(await endClient(owner(), { clientId: legacy.client.id })).toEqual({ ok: true });
  expect((await authenticateClientKey(publicContext(), key.key)).ok).toBe(false);
  expect((await authenticateLegacyKey(publicContext(), token)).ok).toBe(false);
  expect(await endClient(owner(), { clientId: key.id })).toEqual({ ok: false, reason: "not_found" });
});

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from "node:crypto";
import { exportJWK, UnsecuredJWT } from "jose";
import { beforeEach, expect, test } from "vitest";
import { systemContext } from "@/lib/platform/context";
import { listStatements, openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { makeLegacyKey, signLegacyToken } from "@/tools/testing/legacy-key";
import { authenticateLegacyKey } from "./authenticate-legacy-key";
import { authenticateClientKey } from "./authenticate-secret";
import { forgetClients } from "./cache";
import { createClient } from "./create";
import { endClient } from "./end";
import { listClients } from "./list";
import { rotateClient } from "./rotate";

const db = openTestDatabase();
const owner = () => staffContext("owner");

beforeEach(async () => {
  await db.sql`delete from client`;
  forgetClients();
});

async function makeClientKey() {
  const made = await createClient(owner(), { kind: "client_key", name: "vpn" });
  if (!made.ok || made.kind !== "client_key") throw new Error("no key");
  return made;
}

const seconds = () => Math.floor(Date.now() / 1000);

async function lastRefusal() {
  const [event] =
    await db.sql`select outcome, reason, target_id from audit_event where kind = 'client.refused' order by id desc limit 1`;
  return event;
}

test("a key file holds what RSA's tools read, and only the public half is kept", async () => {
  const { keyFile, client } = await makeLegacyKey("helpdesk");
  expect(Object.keys(keyFile).sort()).toEqual([
    "accessID",
    "accessKey",
    "adminRestApiUrl",
    "customerName",
    "description",
  ]);
  expect(keyFile.accessKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
  expect(keyFile.adminRestApiUrl).toBe("http://localhost:3000/AdminInterface/restapi");
  const [row] = await db.sql`select public_jwk, secret_digest from client where id = ${client.id}`;
  expect(Object.keys(row?.public_jwk).sort()).toEqual(["e", "kty", "n"]);
});

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
  const { clientKey, client } = await makeClientKey();
  expect(await authenticateClientKey(publicContext(), clientKey)).toMatchObject({
    ok: true,
    client: { id: client.id, role: null },
  });
  const rows = await db.sql`select c::text as line from client c`;
  expect(rows.map((row) => row.line).join()).not.toContain(clientKey);
});

test("a wrong, an empty and a huge client key open nothing, and the log says so", async () => {
  await makeClientKey();
  for (const key of [undefined, "", "nope", "x".repeat(5000), "\0"]) {
    expect(await authenticateClientKey(publicContext(), key)).toMatchObject({ ok: false });
    expect(await lastRefusal()).toMatchObject({ outcome: "refused" });
  }
});

test("a flood of keys that nobody has takes one connection, and a true key among them is found", async () => {
  const { clientKey, client } = await makeClientKey();
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
        authenticateClientKey(origin, clientKey),
        authenticateClientKey(origin, clientKey),
        authenticateLegacyKey(origin, legacy),
        authenticateLegacyKey(origin, await signLegacyToken(keyFile)),
      ])),
    );
  });
  expect(answers.map(({ ok }) => ok)).toEqual([...Array(200).fill(false), true, true, false, true]);
  expect(answers[200]).toMatchObject({ client: { id: client.id } });
  expect(statements.filter((statement) => statement.includes("from asked")).length).toBeLessThan(10);
});

test("an ended client opens nothing from then on", async () => {
  const key = await makeClientKey();
  const legacy = await makeLegacyKey();
  const token = await signLegacyToken(legacy.keyFile);
  expect((await authenticateClientKey(publicContext(), key.clientKey)).ok).toBe(true);
  expect((await authenticateLegacyKey(publicContext(), token)).ok).toBe(true);
  expect(await endClient(owner(), { clientId: key.client.id })).toEqual({ ok: true });
  expect(await endClient(owner(), { clientId: legacy.client.id })).toEqual({ ok: true });
  expect((await authenticateClientKey(publicContext(), key.clientKey)).ok).toBe(false);
  expect((await authenticateLegacyKey(publicContext(), token)).ok).toBe(false);
  expect(await endClient(owner(), { clientId: key.client.id })).toEqual({ ok: false, reason: "not_found" });
});

test.each(["legacy_key", "client_key"] as const)(
  "of 15 made at once, 10 of kind %s live, and an ended one makes room",
  async (kind) => {
    const input =
      kind === "legacy_key"
        ? ({ kind, name: "n", role: "helpdesk" } as const)
        : ({ kind, name: "n" } as const);
    const made = await Promise.all(Array.from({ length: 15 }, () => createClient(owner(), input)));
    expect(made.filter((result) => result.ok)).toHaveLength(10);
    const first = made.find((result) => result.ok);
    if (first?.ok) await endClient(owner(), { clientId: first.client.id });
    expect((await createClient(owner(), input)).ok).toBe(true);
  },
);

test("making, ending and refusing a client is in the log", async () => {
  const ctx = owner();
  const made = await createClient(ctx, { kind: "client_key", name: "vpn" });
  if (made.ok) await endClient(ctx, { clientId: made.client.id });
  const events =
    await db.sql`select kind, outcome from audit_event where request_id = ${ctx.requestId} order by id`;
  expect(events).toEqual([
    { kind: "client.created", outcome: "ok" },
    { kind: "client.ended", outcome: "ok" },
  ]);
});

test("whoever showed the second factor too long ago neither makes nor ends a client, and the log says so", async () => {
  const late = staffContext("owner", { isSteppedUp: false });
  const { client } = await makeClientKey();
  const refused = { ok: false, reason: "step_up_needed" };
  expect(await createClient(late, { kind: "client_key", name: "vpn" })).toEqual(refused);
  expect(await endClient(late, { clientId: client.id })).toEqual(refused);
  expect(await listClients(owner())).toMatchObject([{ id: client.id, endedAt: null }]);
  const events =
    await db.sql`select kind, outcome, reason from audit_event where request_id = ${late.requestId} order by id`;
  expect(events).toEqual([
    { kind: "client.created", outcome: "refused", reason: "step_up_needed" },
    { kind: "client.ended", outcome: "refused", reason: "step_up_needed" },
  ]);
});

test("the list names the staff member who made a client", async () => {
  const [row] = await db.sql`insert into staff (email, email_key, name, role)
    values ('olga@sparekey.test', 'olga@sparekey.test', 'Olga Owner', 'owner') returning id`;
  const made = { kind: "client_key", name: "vpn" } as const;
  await createClient(staffContext("owner", { staffId: row?.id }), made);
  await createClient(systemContext("demo", "test"), made);
  expect((await listClients(owner())).map(({ creatorName }) => creatorName)).toEqual([null, "Olga Owner"]);
});

test.each(["helpdesk", "lead", "security", "auditor"] as const)(
  "%s neither makes nor ends a client",
  async (role) => {
    await expect(createClient(staffContext(role), { kind: "client_key", name: "x" })).rejects.toMatchObject({
      name: "Denied",
    });
    await expect(endClient(staffContext(role), { clientId: randomUUID() })).rejects.toMatchObject({
      name: "Denied",
    });
  },
);

const rsa = (bits: number) => generateKeyPairSync("rsa", { modulusLength: bits });
const ec = (namedCurve = "P-256") => generateKeyPairSync("ec", { namedCurve });
const pem = (key: KeyObject) =>
  key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" }).toString();
/** Read anew before it is written: see `makeKeyPair`. */
const json = (key: KeyObject) =>
  JSON.stringify(
    (key.type === "public" ? createPublicKey(pem(key)) : createPrivateKey(pem(key))).export({
      format: "jwk",
    }),
  );

const makeOauth = (publicKey?: string | Record<string, unknown>) =>
  createClient(owner(), { kind: "oauth", name: "siem", scopes: ["rsa.audit.admin"], publicKey });

test.each<[string, () => string, "RSA" | "EC"]>([
  ["a JWK for RS256", () => json(rsa(2048).publicKey), "RSA"],
  ["a JWK for ES256", () => json(ec().publicKey), "EC"],
  ["a JWK set of one key", () => `{"keys":[${json(ec().publicKey)}]}`, "EC"],
  ["PEM of RSA", () => `\n${pem(rsa(2048).publicKey)}\n`, "RSA"],
  ["PEM of P-256", () => pem(ec().publicKey), "EC"],
])("an OAuth client is known by the public key that its owner brings: %s", async (_what, key, kty) => {
  expect(await makeOauth(key())).toMatchObject({ ok: true, kind: "oauth", privateJwk: null });
  const [row] = await db.sql`select public_jwk from client where kind = 'oauth'`;
  expect(row?.public_jwk).toMatchObject({ kty });
});

test.each<[string, string, () => string]>([
  ["private_key", "a private JWK", () => json(ec().privateKey)],
  ["private_key", "a private key in PEM", () => pem(rsa(2048).privateKey)],
  ["private_key", "a secret", () => '{"kty":"oct","k":"AAAA"}'],
  ["weak_key", "RSA of 1024 bits", () => pem(rsa(1024).publicKey)],
  ["bad_key", "another curve", () => json(ec("P-384").publicKey)],
  ["bad_key", "Ed25519", () => json(generateKeyPairSync("ed25519").publicKey)],
  ["bad_key", "two keys", () => `{"keys":[${json(ec().publicKey)},${json(ec().publicKey)}]}`],
  ["bad_key", "no point of the curve", () => '{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}'],
  ["bad_key", "no key", () => "hello"],
  ["bad_key", "broken JSON", () => '{"kty":'],
])("refused with %s, and nothing is made: %s", async (reason, _what, key) => {
  expect(await makeOauth(key())).toEqual({ ok: false, reason });
  expect(await listClients(owner())).toEqual([]);
});

test.each([undefined, "", "  "])(
  "without a public key a pair is made, and the private half kept by nobody",
  async (none) => {
    const made = await makeOauth(none);
    if (!made.ok || made.kind !== "oauth" || made.privateJwk === null) throw new Error("no key pair");
    const { privateJwk, client } = made;
    expect(privateJwk).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256", client_id: client.accessId });
    const rows =
      await db.sql`select c::text as line from client c union all select e::text from audit_event e`;
    expect(rows.map((row) => row.line).join()).not.toContain(privateJwk.d);
  },
);

test("a client given another key goes by the same id, and nothing of the old key opens anything", async () => {
  const { keyFile, client } = await makeLegacyKey("helpdesk");
  const old = await signLegacyToken(keyFile);
  expect((await authenticateLegacyKey(publicContext(), old)).ok).toBe(true);
  const rotated = await rotateClient(owner(), { clientId: client.id });
  if (!rotated.ok || rotated.kind !== "legacy_key") throw new Error("not rotated");
  expect(rotated.client).toMatchObject({ id: client.id, name: client.name, role: "helpdesk" });
  expect(rotated.keyFile).toMatchObject({ accessID: keyFile.accessID, description: keyFile.description });
  expect(await authenticateLegacyKey(publicContext(), old)).toEqual({ ok: false, reason: "signature" });
  const anew = await signLegacyToken(rotated.keyFile);
  expect((await authenticateLegacyKey(publicContext(), anew)).ok).toBe(true);

  const key = await makeClientKey();
  const next = await rotateClient(owner(), { clientId: key.client.id });
  if (!next.ok || next.kind !== "client_key") throw new Error("not rotated");
  expect((await authenticateClientKey(publicContext(), key.clientKey)).ok).toBe(false);
  expect((await authenticateClientKey(publicContext(), next.clientKey)).ok).toBe(true);
});

test("an OAuth client is given a pair made now, or the public key that its owner brings; other kinds take none", async () => {
  const made = await makeOauth(json(ec().publicKey));
  if (!made.ok) throw new Error("not made");
  const { id: clientId, scopes } = made.client;
  expect(await rotateClient(owner(), { clientId })).toMatchObject({
    ok: true,
    client: { scopes },
    privateJwk: { client_id: made.client.accessId },
  });
  const brought = rsa(2048).publicKey;
  expect(await rotateClient(owner(), { clientId, publicKey: pem(brought) })).toMatchObject({
    ok: true,
    privateJwk: null,
  });
  const [row] = await db.sql`select public_jwk from client`;
  expect(row?.public_jwk).toEqual(brought.export({ format: "jwk" }));
  expect(await rotateClient(owner(), { clientId, publicKey: json(ec().privateKey) })).toEqual({
    ok: false,
    reason: "private_key",
  });
  const legacy = await makeLegacyKey();
  const wrong = { clientId: legacy.client.id, publicKey: pem(brought) };
  expect(await rotateClient(owner(), wrong)).toEqual({ ok: false, reason: "no_public_key" });
});

test("an ended or unknown client is given no key, and every try is in the log", async () => {
  const ctx = owner();
  const { client } = await makeClientKey();
  await rotateClient(ctx, { clientId: client.id });
  await endClient(owner(), { clientId: client.id });
  for (const clientId of [client.id, randomUUID()])
    expect(await rotateClient(ctx, { clientId })).toEqual({ ok: false, reason: "not_found" });
  const late = staffContext("owner", { isSteppedUp: false });
  expect(await rotateClient(late, { clientId: client.id })).toEqual({ ok: false, reason: "step_up_needed" });
  const events = await db.sql`select outcome, reason from audit_event where kind = 'client.rotated'
    and request_id in (${ctx.requestId}, ${late.requestId}) order by id`;
  expect(events.map((row) => ({ ...row }))).toEqual([
    { outcome: "ok", reason: null },
    { outcome: "refused", reason: "not_found" },
    { outcome: "refused", reason: "not_found" },
    { outcome: "refused", reason: "step_up_needed" },
  ]);
  await expect(rotateClient(staffContext("security"), { clientId: client.id })).rejects.toMatchObject({
    name: "Denied",
  });
});

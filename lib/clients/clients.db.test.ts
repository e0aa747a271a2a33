import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { systemContext } from "@/lib/platform/context";
import { makeClientKey } from "@/tools/testing/authn-api";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
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
  const { id: clientId } = await makeClientKey();
  const refused = { ok: false, reason: "step_up_needed" };
  expect(await createClient(late, { kind: "client_key", name: "vpn" })).toEqual(refused);
  expect(await endClient(late, { clientId })).toEqual(refused);
  expect(await listClients(owner())).toMatchObject([{ id: clientId, endedAt: null }]);
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
  const next = await rotateClient(owner(), { clientId: key.id });
  if (!next.ok || next.kind !== "client_key") throw new Error("not rotated");
  expect((await authenticateClientKey(publicContext(), key.key)).ok).toBe(false);
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
  const { id: clientId } = await makeClientKey();
  await rotateClient(ctx, { clientId });
  await endClient(owner(), { clientId });
  for (const tried of [clientId, randomUUID()])
    expect(await rotateClient(ctx, { clientId: tried })).toEqual({ ok: false, reason: "not_found" });
  const late = staffContext("owner", { isSteppedUp: false });
  expect(await rotateClient(late, { clientId })).toEqual({ ok: false, reason: "step_up_needed" });
  const events = await db.sql`select outcome, reason from audit_event where kind = 'client.rotated'
    and request_id in (${ctx.requestId}, ${late.requestId}) order by id`;
  expect(events.map((row) => ({ ...row }))).toEqual([
    { outcome: "ok", reason: null },
    { outcome: "refused", reason: "not_found" },
    { outcome: "refused", reason: "not_found" },
    { outcome: "refused", reason: "step_up_needed" },
  ]);
  await expect(rotateClient(staffContext("security"), { clientId })).rejects.toMatchObject({
    name: "Denied",
  });
});

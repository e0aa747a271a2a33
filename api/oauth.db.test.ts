import { randomUUID } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, exportJWK, importPKCS8, SignJWT, UnsecuredJWT } from "jose";
import * as oauth from "oauth4webapi";
import { expect, test } from "vitest";
import { authenticateAccessToken } from "@/lib/clients/authenticate-access-token";
import { forgetClients } from "@/lib/clients/cache";
import { createClient } from "@/lib/clients/create";
import { endClient } from "@/lib/clients/end";
import { issueAccessToken } from "@/lib/clients/issue-access-token";
import { sweepClients } from "@/lib/clients/sweep";
import { systemContext } from "@/lib/platform/context";
import { makeKeyPair } from "@/lib/platform/key-pair";
import { currentKeyId, mac } from "@/lib/platform/keys";
import { oauthScopes } from "@/lib/staff/scopes";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import {
  askToken,
  getToken,
  makeOauthClient,
  signAssertion,
  type TestOauthClient,
  testIssuer,
} from "@/tools/testing/oauth";
import { insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const seconds = () => Math.floor(Date.now() / 1000);

const lookUp = (token: string, username = "nobody") =>
  doors.call("POST", "/AdminInterface/restapi/v1/users/lookup", {
    headers: { authorization: `Bearer ${token}` },
    body: { username },
  });

const beginAttempt = (token: string) =>
  doors.call("POST", "/mfa/v1_1/authn/initialize", {
    headers: { authorization: `Bearer ${token}` },
    body: { clientId: "vpn", subjectName: "nobody", context: { messageId: "1" } },
  });

/** Why an assertion gets no token; asked of the verb, since a flood of refusals isn't recorded one by one. */
async function reasonOf(assertion: string): Promise<string | null> {
  const input = { assertion, clientId: undefined, scope: undefined };
  const result = await issueAccessToken(publicContext(), input);
  return result.ok ? null : result.reason;
}

async function lastRefusal(requestId: string | null) {
  const rows =
    await db.sql`select reason, target_id from audit_event where kind = 'client.refused' and request_id = ${requestId}`;
  return rows.map((row) => ({ ...row }));
}

test.each(["ES256", "RS256"] as const)(
  "a client with a key for %s gets a token that opens what its scopes say",
  async (alg) => {
    const client = await makeOauthClient(["rsa.user.read"], { alg });
    const answer = await askToken(doors, client, { scope: "rsa.user.read" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("pragma")).toBe("no-cache");
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      scope: "rsa.user.read",
    });
    const { login } = await insertUser(db.sql, { sms: "+12025550101" });
    const found = await lookUp(answer.body.access_token, login);
    expect([found.status, found.body.smsNumber]).toEqual([200, "+1 202 555 0101"]);
    const events =
      await db.sql`select kind, outcome, actor_id, details from audit_event where request_id = ${answer.headers.get("x-request-id")}`;
    expect(events.map((row) => ({ ...row }))).toEqual([
      {
        kind: "client.token-issued",
        outcome: "ok",
        actor_id: client.id,
        details: { scopes: "rsa.user.read" },
      },
    ]);
  },
);

test("a client that knows only the issuer finds the rest, as an OAuth library does (oauth4webapi)", async () => {
  const client = await makeOauthClient(["rsa.user.read", "rsa.audit.user"]);
  const http = {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: object) =>
      fetch(url.replace("http://localhost:3000", doors.url), init),
  };
  const pem = client.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  for (const algorithm of ["oauth2", "oidc"] as const) {
    const issuer = new URL(testIssuer);
    const found = await oauth.discoveryRequest(issuer, { algorithm, ...http });
    const server = await oauth.processDiscoveryResponse(issuer, found);
    const self = { client_id: client.clientId };
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      self,
      oauth.PrivateKeyJwt({ key: await importPKCS8(pem, "ES256") }),
      new URLSearchParams({ scope: "rsa.user.read" }),
      http,
    );
    const token = await oauth.processClientCredentialsResponse(server, self, response);
    expect(token).toMatchObject({ token_type: "bearer", expires_in: 3600, scope: "rsa.user.read" });
    expect((await lookUp(token.access_token)).status).toBe(404);
  }
});

test.each([testIssuer, `${testIssuer}/`, `${testIssuer}/token`, `${testIssuer}/token/`])(
  "%s is an audience of an assertion, alone",
  async (aud) => {
    const client = await makeOauthClient(["rsa.user.read"]);
    const ask = async (audience: unknown) =>
      (await askToken(doors, client, { client_assertion: await signAssertion(client, { aud: audience }) }))
        .status;
    expect(await ask(aud)).toBe(200);
    expect(await ask([aud])).toBe(200);
    expect(await ask([aud, "https://elsewhere.example"])).toBe(401);
  },
);

test.each<[string, (client: TestOauthClient) => Promise<string>, string]>([
  ["ended 65 s ago", (c) => signAssertion(c, { iat: seconds() - 300, exp: seconds() - 65 }), "expired"],
  ["issued 2 minutes from now", (c) => signAssertion(c, { iat: seconds() + 120 }), "not_yet"],
  ["good from 2 minutes on", (c) => signAssertion(c, { nbf: seconds() + 120 }), "not_yet"],
  ["good for two hours", (c) => signAssertion(c, { exp: seconds() + 7200 }), "too_long"],
  ["good for ever", (c) => signAssertion(c, { exp: 1e300 }), "too_long"],
  ["without an end", (c) => signAssertion(c, { exp: undefined }), "malformed"],
  ["without a jti", (c) => signAssertion(c, { jti: undefined }), "malformed"],
  ["with a jti that is a number", (c) => signAssertion(c, { jti: 7 }), "malformed"],
  ["with an empty jti", (c) => signAssertion(c, { jti: "" }), "malformed"],
  ["with a NUL in its jti", (c) => signAssertion(c, { jti: "a\0b" }), "malformed"],
  ["with a huge jti", (c) => signAssertion(c, { jti: "x".repeat(3000) }), "malformed"],
  ["for another audience", (c) => signAssertion(c, { aud: "https://elsewhere.example/oauth" }), "audience"],
  ["for no audience", (c) => signAssertion(c, { aud: undefined }), "audience"],
  ["of another issuer", (c) => signAssertion(c, { iss: "https://elsewhere.example" }), "issuer"],
  ["about somebody else", (c) => signAssertion(c, { sub: randomUUID() }), "issuer"],
  ["of a client that nobody knows", (c) => signAssertion({ ...c, clientId: randomUUID() }), "unknown_client"],
  [
    "with SQL in its issuer",
    (c) => signAssertion(c, { iss: "' or 1=1--", sub: "' or 1=1--" }),
    "unknown_client",
  ],
])("an assertion %s gets no token", async (_what, sign, reason) => {
  const client = await makeOauthClient(["rsa.user.read"]);
  const assertion = await sign(client);
  const answer = await askToken(doors, client, { client_assertion: assertion });
  expect(answer.status).toBe(401);
  expect(answer.body).toEqual({ error: "invalid_client", error_description: expect.any(String) });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(await reasonOf(assertion)).toBe(reason);
});

test("the log says why a token was refused, and to which client", async () => {
  const client = await makeOauthClient(["rsa.user.read"]);
  const client_assertion = await signAssertion(client, { exp: seconds() - 300 });
  const answer = await askToken(doors, client, { client_assertion });
  expect(await lastRefusal(answer.headers.get("x-request-id"))).toEqual([
    { reason: "expired", target_id: client.id },
  ]);
});

test("nobody proves a client but by its own key and algorithm (forged-assertion)", async () => {
  const [client, rsa] = [
    await makeOauthClient(["rsa.user.read"]),
    await makeOauthClient(["rsa.user.read"], { alg: "RS256" }),
  ];
  const other = await makeKeyPair("p256");
  const claims = decodeJwt(await signAssertion(client));
  const publicBytes = Buffer.from(
    JSON.stringify((await db.sql`select public_jwk from client where id = ${client.id}`)[0]),
  );
  const forged: [TestOauthClient, string, string][] = [
    [client, await signAssertion(client, {}, { key: other.privateKey }), "signature"],
    [client, new UnsecuredJWT(claims).encode(), "algorithm"],
    [client, await signAssertion(client, {}, { alg: "HS256", key: publicBytes }), "algorithm"],
    [client, await signAssertion(client, {}, { alg: "RS256", key: rsa.privateKey }), "algorithm"],
    [rsa, await signAssertion(rsa, {}, { alg: "ES256", key: client.privateKey }), "algorithm"],
    [client, `${(await signAssertion(client)).split(".").slice(0, 2).join(".")}.`, "signature"],
    [client, "x", "malformed"],
    [client, "....", "malformed"],
    [client, "💥".repeat(500), "malformed"],
  ];
  for (const [claimed, assertion, reason] of forged) {
    const answer = await askToken(doors, claimed, { client_assertion: assertion });
    expect([reason, answer.status, answer.body.error]).toEqual([reason, 401, "invalid_client"]);
    expect(await reasonOf(assertion)).toBe(reason);
  }
});

test("an assertion is good once, also where twenty come at once, and one of another client with the same jti is its own (replay-assertion)", async () => {
  const client = await makeOauthClient(["rsa.user.read"]);
  const assertion = await signAssertion(client, { jti: "the-one" });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => askToken(doors, client, { client_assertion: assertion })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(401)]);
  expect(await reasonOf(assertion)).toBe("replayed");
  const other = await makeOauthClient(["rsa.user.read"]);
  const same = await signAssertion(other, { jti: "the-one" });
  expect((await askToken(doors, other, { client_assertion: same })).status).toBe(200);
});

test("used assertions are forgotten ten minutes after their end, not before", async () => {
  const client = await makeOauthClient(["rsa.user.read"]);
  await askToken(doors, client, { client_assertion: await signAssertion(client, { jti: "kept" }) });
  await db.sql`insert into client_assertion values (${client.id}, 'old', now() - interval '1 second')`;
  await sweepClients(systemContext("sweep", "test"));
  const rows =
    await db.sql`select jti, expires_at > now() + interval '14 minutes' as "isKept" from client_assertion
    where client_id = ${client.id}`;
  expect(rows.map((row) => ({ ...row }))).toEqual([{ jti: "kept", isKept: true }]);
});

test("scopes that nobody knows or that the client isn't allowed are left out; where nothing remains there is no token", async () => {
  const client = await makeOauthClient(["rsa.user.read", "rsa.audit.user"]);
  const scopeOf = async (scope?: string) => {
    const { status, body } = await askToken(doors, client, { scope });
    return status === 200 ? body.scope : [status, body.error];
  };
  expect(await scopeOf("rsa.user.read  rsa.report.read openid")).toBe("rsa.user.read");
  expect(await scopeOf("rsa.audit.user rsa.user.manage rsa.user.read")).toBe("rsa.user.read rsa.audit.user");
  expect(await scopeOf()).toBe("rsa.user.read rsa.audit.user");
  expect(await scopeOf("")).toBe("rsa.user.read rsa.audit.user");
  for (const scope of ["rsa.user.manage", "openid", "__proto__ constructor", "RSA.USER.READ"])
    expect(await scopeOf(scope)).toEqual([400, "invalid_scope"]);
});

test.each<[string, Record<string, string | undefined>, number, string]>([
  ["no grant type", { grant_type: undefined }, 400, "invalid_request"],
  ["another grant type", { grant_type: "password" }, 400, "unsupported_grant_type"],
  ["no assertion type", { client_assertion_type: undefined }, 401, "invalid_client"],
  ["another assertion type", { client_assertion_type: "saml2-bearer" }, 401, "invalid_client"],
  ["an empty assertion", { client_assertion: "" }, 401, "invalid_client"],
  ["another client's id", { client_id: randomUUID() }, 401, "invalid_client"],
  ["a huge scope", { scope: "x ".repeat(10_000) }, 400, "invalid_request"],
])("a request with %s is refused in the words of RFC 6749", async (_what, fields, status, error) => {
  const client = await makeOauthClient(["rsa.user.read"]);
  const answer = await askToken(doors, client, fields);
  expect([answer.status, answer.body.error]).toEqual([status, error]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
});

test("a request without a client id, and with parameters that nobody knows, is taken", async () => {
  const client = await makeOauthClient(["rsa.user.read"]);
  expect((await askToken(doors, client, { client_id: undefined, resource: "x" })).status).toBe(200);
  expect((await askToken(doors, client, { client_id: "" })).status).toBe(200);
});

test("what isn't one form is refused: JSON, a parameter twice, nothing, a megabyte", async () => {
  const client = await makeOauthClient(["rsa.user.read"]);
  const form = "application/x-www-form-urlencoded";
  const assertion = await signAssertion(client);
  for (const [type, body, status] of [
    ["application/json", JSON.stringify({ grant_type: "client_credentials" }), 400],
    ["text/plain", "grant_type=client_credentials", 400],
    [form, `grant_type=client_credentials&grant_type=client_credentials&client_assertion=${assertion}`, 400],
    [form, "", 400],
    [form, "%%%=%00&&&[__proto__]=1", 400],
    [form, `grant_type=${"x".repeat(100_000)}`, 413],
  ] as const) {
    const answer = await doors.call("POST", "/oauth/token", { headers: { "content-type": type }, body });
    expect([type, answer.status, answer.body.error]).toEqual([type, status, "invalid_request"]);
  }
  expect((await doors.call("GET", "/oauth/token")).status).toBe(404);
});

test("a client that ends has no tokens any more, nor gets one", async () => {
  const client = await makeOauthClient(["rsa.user.read"]);
  const token = await getToken(doors, client);
  expect((await lookUp(token)).status).toBe(404);
  await endClient(staffContext("owner"), { clientId: client.id });
  expect((await lookUp(token)).status).toBe(403);
  expect(await authenticateAccessToken(publicContext(), token)).toEqual({
    ok: false,
    reason: "unknown_client",
  });
  expect((await askToken(doors, client)).status).toBe(401);
});

test("a client with another key has none of the tokens that the old key got", async () => {
  const client = await makeOauthClient(["rsa.user.read"]);
  const token = await getToken(doors, client);
  const next = await makeKeyPair("p256");
  await db.sql`update client set public_jwk = ${db.sql.json((await exportJWK(next.publicKey)) as never)} where id = ${client.id}`;
  forgetClients();
  expect((await lookUp(token)).status).toBe(403);
  expect(await authenticateAccessToken(publicContext(), token)).toEqual({
    ok: false,
    reason: "key_replaced",
  });
  expect((await askToken(doors, client)).status).toBe(401);
  expect((await lookUp(await getToken(doors, { ...client, privateKey: next.privateKey }))).status).toBe(404);
});

test("a token never opens more than its client is allowed now", async () => {
  const client = await makeOauthClient(["rsa.user.read", "rsa.mfa.authn"]);
  const token = await getToken(doors, client);
  await db.sql`update client set scopes = '{rsa.mfa.authn}' where id = ${client.id}`;
  forgetClients();
  expect((await lookUp(token)).status).toBe(403);
  expect((await beginAttempt(token)).status).toBe(200);
});

test("rsa.mfa.authn opens the Authentication API, and nothing else does", async () => {
  const all = await makeOauthClient(oauthScopes);
  expect((await beginAttempt(await getToken(doors, all, "rsa.mfa.authn"))).status).toBe(200);
  const others = await getToken(
    doors,
    all,
    oauthScopes.filter((scope) => scope !== "rsa.mfa.authn").join(" "),
  );
  const answer = await beginAttempt(others);
  expect([answer.status, answer.body.error]).toEqual([403, "Forbidden"]);
  expect((await lookUp(await getToken(doors, all, "rsa.mfa.authn"))).status).toBe(403);
});

test("no token opens a door but one of ours, in time, for us (forged-token)", async () => {
  const client = await makeOauthClient(["rsa.user.read"]);
  const token = await getToken(doors, client);
  const claims = decodeJwt(token);
  const header = decodeProtectedHeader(token) as { alg: string };
  const secret = mac("access-token", "sign", currentKeyId());
  const sign = (change: object, head: object = {}, key: Uint8Array = secret) =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ ...header, ...head }).sign(key);
  expect((await lookUp(await sign({}))).status).toBe(404);
  const forged: [string, string][] = [
    ["signature", await sign({}, {}, mac("session", "sign", currentKeyId()))],
    ["signature", await sign({ scope: "rsa.user.manage" }, { kid: "0000" }, Buffer.alloc(32))],
    ["signature", `${token.split(".").slice(0, 2).join(".")}.AAAA`],
    ["malformed", await sign({}, { alg: "HS512" }, Buffer.concat([secret, secret]))],
    [
      "malformed",
      `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url")}.${token.split(".")[1]}.`,
    ],
    ["expired", await sign({ iat: seconds() - 3700, exp: seconds() - 100 })],
    ["expired", await sign({ iat: seconds() - 3700, exp: seconds() + 100 })],
    ["claims", await sign({ iat: seconds() + 600, exp: seconds() + 4000 })],
    ["claims", await sign({ aud: "https://elsewhere.example" })],
    ["claims", await sign({ iss: "https://elsewhere.example/oauth" })],
    ["unknown_client", await sign({ sub: randomUUID() })],
    ["key_replaced", await sign({ key: "another" })],
  ];
  for (const [reason, given] of forged) {
    const answer = await lookUp(given);
    expect([reason, answer.status, answer.body.message]).toEqual([reason, 403, "Access Denied"]);
    expect(await authenticateAccessToken(publicContext(), given)).toEqual({ ok: false, reason });
  }
  const other = await createClient(staffContext("owner"), {
    kind: "legacy_key",
    name: "x",
    role: "helpdesk",
  });
  if (!other.ok) throw new Error("no key");
  const borrowed = await lookUp(await sign({ sub: other.client.accessId }));
  expect(borrowed.status).toBe(403);
});

test("a client that asks more often than it may is told when to come back, and its assertion is not used up", async () => {
  const client = await makeOauthClient(["rsa.user.read"], { callsPerSecond: 2 });
  const assertions = await Promise.all(Array.from({ length: 8 }, () => signAssertion(client)));
  const answers = await Promise.all(
    assertions.map((client_assertion) => askToken(doors, client, { client_assertion })),
  );
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThanOrEqual(4);
  expect(limited[0]?.headers.get("retry-after")).toBe("1");
  expect(limited[0]?.body.error).toBe("temporarily_unavailable");
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const turnedAway = answers.findIndex(({ status }) => status === 429);
  expect((await askToken(doors, client, { client_assertion: assertions[turnedAway] })).status).toBe(200);
});

test("no assertion and no token stands in the log or in the database", async () => {
  const client = await makeOauthClient(["rsa.user.read"]);
  const assertion = await signAssertion(client);
  const { body } = await askToken(doors, client, { client_assertion: assertion });
  await lookUp(body.access_token);
  const secrets = [assertion, body.access_token].map((token: string) => token.split(".").at(-1) as string);
  for (const table of ["audit_event", "audit_personal", "client", "client_assertion"]) {
    const rows = await db.sql<{ line: string }[]>`select t::text as line from ${db.sql(table)} t`;
    for (const secret of secrets) expect(rows.map(({ line }) => line).join()).not.toContain(secret);
  }
});

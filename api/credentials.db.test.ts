import { randomUUID } from "node:crypto";
import { CompactSign } from "jose";
import { beforeAll, expect, test } from "vitest";
import { authenticateAccessToken } from "@/lib/clients/authenticate-access-token";
import { createClient } from "@/lib/clients/create";
import type { CreateClientInput } from "@/lib/clients/input";
import { answeredPerSecondMax } from "@/lib/clients/pace";
import { createEnrolmentToken } from "@/lib/machines/create-enrolment-token";
import { oauthScopes } from "@/lib/staff/scopes";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { makeLegacyToken } from "@/tools/testing/legacy-key";
import { TestMachine } from "@/tools/testing/machine";
import {
  askToken,
  getToken,
  makeOauthClient,
  signAssertion,
  type TestOauthClient,
} from "@/tools/testing/oauth";

const db = openTestDatabase();
const doors = openDoors();

/** What each caller may bring, all of it true: what it opens depends on the door alone. */
interface Credentials {
  legacyKey: string;
  accessToken: string;
  assertion: string;
  clientKey: string;
  scimToken: string;
  openidSecret: string;
  machine: string;
}
type Kind = keyof Credentials;

let oauth: TestOauthClient;
let made: Credentials;

async function make<Of extends CreateClientInput["kind"]>(input: Extract<CreateClientInput, { kind: Of }>) {
  const client = await createClient(staffContext("owner"), { ...input, callsPerSecond: 10_000 });
  if (!client.ok || client.kind !== input.kind) throw new Error("no client");
  return client as Extract<typeof client, { kind: Of }>;
}

beforeAll(async () => {
  oauth = await makeOauthClient(oauthScopes);
  const machine = new TestMachine(doors, "LAPTOP-1");
  const token = await createEnrolmentToken(staffContext("security"), { machine: machine.name, users: [] });
  if (!token.ok) throw new Error("no token");
  await machine.enrol(token.token);
  made = {
    legacyKey: await makeLegacyToken("integration", 10_000),
    accessToken: await getToken(doors, oauth),
    assertion: await signAssertion(oauth),
    clientKey: (await make({ kind: "client_key", name: "vpn" })).clientKey,
    scimToken: (await make({ kind: "scim", name: "directory" })).token,
    openidSecret: (
      await make({ kind: "openid", name: "intranet", redirectUris: ["http://localhost:3999/callback"] })
    ).clientFile.client_secret,
    machine: await machine.sign("POST", "/agent/v1/sync", "{}"),
  };
});

type Headers = Record<string, string>;
const bearer = (value: string): Headers => ({ authorization: `Bearer ${value}` });
const key = (value: string): Headers => ({ "client-key": value });

const authnMessage = { subjectName: "nobody", context: { messageId: "1" } };
const accessRequest = { "User-Name": { value: ["nobody"] }, "User-Password": { value: [""] } };

/** Each door: what it is asked, where the credential stands, who gets in, and what all others are answered. */
const table: [string, string, object | undefined, (value: string) => Headers, Kind[], number][] = [
  [
    "POST",
    "/AdminInterface/restapi/v1/users/lookup",
    { username: "x" },
    bearer,
    ["legacyKey", "accessToken"],
    403,
  ],
  ["POST", "/mfa/v1_1/authn/initialize", authnMessage, bearer, ["accessToken"], 403],
  ["POST", "/mfa/v1_1/authn/initialize", authnMessage, key, ["clientKey"], 403],
  ["POST", "/radius/v1/authenticate", accessRequest, key, ["clientKey"], 403],
  ["POST", "/radius/v1/authenticate", accessRequest, bearer, [], 403],
  ["GET", "/scim/v2/Users", undefined, bearer, ["scimToken"], 401],
  ["POST", "/agent/v1/enrolment-tokens", { machine: "L-2", users: [] }, bearer, ["legacyKey"], 401],
  ["POST", "/agent/v1/sync", {}, bearer, ["machine"], 401],
];

test.each(table)(
  "%s %s with %j: a true credential of another door is none here, and tells nothing",
  async (method, path, body, toHeaders, allowed, refusedWith) => {
    for (const [kind, value] of Object.entries(made)) {
      const { status } = await doors.call(method, path, { headers: toHeaders(value), body });
      if (allowed.includes(kind as Kind)) expect(status, kind).not.toBe(refusedWith);
      else expect(status, kind).toBe(refusedWith);
    }
  },
);

test("no token of ours or of a caller is an assertion, and no assertion is good at two clients", async () => {
  for (const [kind, value] of Object.entries(made)) {
    const { status, body } = await askToken(doors, oauth, { client_assertion: value });
    expect([kind, status, body.error ?? null]).toEqual(
      kind === "assertion" ? [kind, 200, null] : [kind, 401, "invalid_client"],
    );
  }
  const other = await makeOauthClient(["rsa.user.read"]);
  const { status } = await askToken(doors, oauth, { client_assertion: await signAssertion(other) });
  expect(status).toBe(401);
});

test("a token that says by itself which key it is signed with is judged by ours (forged-header)", async () => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const jwk = await crypto.subtle.exportKey("jwk", publicKey);
  const claims = {
    iss: oauth.clientId,
    sub: oauth.clientId,
    aud: "http://localhost:3000/oauth/token",
    iat: Math.floor(Date.now() / 1000),
    exp: Math.floor(Date.now() / 1000) + 300,
    jti: randomUUID(),
  };
  for (const header of [
    { jwk },
    { jku: "http://localhost:1/keys" },
    { x5u: "http://localhost:1/cert" },
    { kid: "../../../dev/null" },
    { kid: "' or 1=1; --" },
    { crit: ["b64"], b64: true },
  ]) {
    const forged = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: "ES256", ...header })
      .sign(privateKey);
    const { status } = await askToken(doors, oauth, { client_assertion: forged });
    expect([header, status]).toEqual([header, 401]);
    for (const [method, path, body, toHeaders, , refusedWith] of table)
      expect((await doors.call(method, path, { headers: toHeaders(forged), body })).status, path).toBe(
        refusedWith,
      );
  }
  const reasons = await db.sql`select distinct reason from audit_event where kind = 'client.refused'`;
  expect(reasons.length).toBeGreaterThan(3);
});

test("who floods a door with forged tokens waits for the answers, and who is let in doesn't", async () => {
  const lookUp = (token: string) =>
    doors.call("POST", "/AdminInterface/restapi/v1/users/lookup", {
      headers: bearer(token),
      body: { username: "nobody" },
    });
  let answered = 0;
  const flood = Array.from({ length: 3 * answeredPerSecondMax }, async () => {
    expect(await authenticateAccessToken(publicContext(), made.clientKey)).toMatchObject({ ok: false });
    answered += 1;
  });
  const [refused, letIn] = await Promise.all([
    lookUp("forged").then(({ status }) => ({ status, answered })),
    lookUp(made.accessToken).then(({ status }) => ({ status, answered })),
  ]);
  expect(refused.status).toBe(403);
  expect(refused.answered).toBeGreaterThan(answeredPerSecondMax);
  expect(letIn.status).toBe(404);
  expect(letIn.answered).toBeLessThan(flood.length);
  await Promise.all(flood);
});

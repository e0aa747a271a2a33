import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import * as rp from "openid-client";
import { expect, test } from "vitest";
import { foldKey } from "@/lib/directory/fold";
import { endEmergencyAccess } from "@/lib/grants/revoke";
import { listOpened } from "@/lib/openid/list-opened";
import { networkRates } from "@/lib/robots/model";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import {
  authorizationUrl,
  discover,
  makeApplication,
  openIssuer,
  signInBy,
  TestBrowser,
} from "@/tools/testing/openid";
import { openSignIns, provenBy } from "@/tools/testing/openid-sign-in";

const db = openTestDatabase();
const issuer = openIssuer();
const { makeUser, signIn } = openSignIns(db.sql, issuer);

test("openid-client signs somebody in by code and PKCE, and is told truly who, how and when", async () => {
  const begunAt = Math.floor(Date.now() / 1000);
  const { user, tokens, config } = await signIn();
  const claims = tokens.claims();
  expect(claims).toMatchObject({
    iss: `${issuer.url}/oidc`,
    sub: user.userId,
    amr: ["otp"],
    acr: "urn:sparekey:acr:emergency-access",
    name: "Ada Lovelace",
    preferred_username: user.login,
  });
  expect(claims?.auth_time).toBeGreaterThanOrEqual(begunAt);
  expect(claims?.auth_time).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
  expect(tokens.expires_in).toBeLessThanOrEqual(600);
  expect(await rp.fetchUserInfo(config, tokens.access_token, user.userId)).toMatchObject({
    sub: user.userId,
    name: "Ada Lovelace",
  });
});

test.each<[string, object, string | undefined]>([
  ["is theirs alone", {}, "Desk@example.com"],
  [
    "is somebody else's too",
    { email: "desk@EXAMPLE.com", email_key: foldKey("desk@EXAMPLE.com") },
    undefined,
  ],
  [
    "is somebody else's login",
    { login: "desk@example.com", login_key: foldKey("desk@example.com") },
    undefined,
  ],
])("of a person whose e-mail address %s an application is told so much", async (_, another, told) => {
  await db.sql`update users set email = null, email_key = null`;
  await insertPerson(db.sql, another);
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const email = "Desk@example.com";
  const user = await makeUser({ email, email_key: foldKey(email) });
  const { callback, checks } = await signInBy(config, application, provenBy(user));
  const tokens = await rp.authorizationCodeGrant(config, callback, checks);
  const said = await rp.fetchUserInfo(config, tokens.access_token, user.userId);
  expect([tokens.claims()?.email, said.email]).toEqual([told, told]);
});

test.each<[string, (asked: { sub: string; hint: string }) => Record<string, string>]>([
  ["by an ID token of theirs", ({ hint }) => ({ id_token_hint: hint })],
  ["by their subject", ({ sub }) => ({ claims: JSON.stringify({ id_token: { sub: { value: sub } } }) })],
])("an application that asks for one person %s is told of nobody else", async (_, toParameters) => {
  const { application, config, user, tokens } = await signIn();
  const parameters = toParameters({ sub: user.userId, hint: tokens.id_token ?? "" });
  const other = await signInBy(config, application, provenBy(await makeUser()), parameters);
  expect(other.callback.searchParams.get("error")).toBe("access_denied");
  const again = provenBy({ ...user, text: (await issueCode(user.userId)).text });
  const { callback, checks } = await signInBy(config, application, again, parameters);
  const said = await rp.authorizationCodeGrant(config, callback, checks);
  expect(said.claims()?.sub).toBe(user.userId);
});

test.each<[string, (userId: string) => unknown]>([
  ["an object", () => ({ toString: 1 })],
  ["a list with somebody", (userId) => [userId]],
])("an application that asks for %s as the subject is told of nobody", async (_, toValue) => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const user = await makeUser();
  const claims = JSON.stringify({ id_token: { sub: { value: toValue(user.userId) } } });
  const { callback } = await signInBy(config, application, provenBy(user), { claims });
  expect(callback.searchParams.get("error")).toBe("access_denied");
});

test.each(["sub", "name"])("claims that nest 8,000 deep in %s are refused, and no fault", async (name) => {
  const application = await makeApplication();
  const asked = await authorizationUrl(await discover(issuer.url, application), application);
  const claims = `{"id_token":{"${name}":{"value":${"[".repeat(8000)}${"]".repeat(8000)}}}}`;
  const form = { ...Object.fromEntries(new URL(asked).searchParams), claims };
  const { url } = await new TestBrowser().follow(`${issuer.url}/oidc/auth`, form);
  expect(new URL(url).searchParams.get("error")).toBe("invalid_request");
});

test.each<[string, Record<string, string | null>, string]>([
  ["no PKCE", { code_challenge: null, code_challenge_method: null }, "invalid_request"],
  ["plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
  ["a token in the address", { response_type: "token" }, "unsupported_response_type"],
  ["an ID token in the address", { response_type: "id_token", nonce: "n" }, "invalid_request"],
  ["a request object", { request: "x.y.z" }, "request_not_supported"],
  ["a hint that is none", { id_token_hint: "eyJhbGciOiJub25lIn0.e30." }, "invalid_request"],
  [
    "a class that nothing here is",
    { claims: JSON.stringify({ id_token: { acr: { essential: true, values: ["phr"] } } }) },
    "unmet_authentication_requirements",
  ],
  ["claims that are no JSON", { claims: "{" }, "invalid_request"],
])("%s is refused at the application's own address", async (_, parameters, error) => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const { url } = await new TestBrowser().follow(await authorizationUrl(config, application, parameters));
  expect(url.startsWith(`${application.redirectUri}?`) || url.startsWith(`${application.redirectUri}#`)).toBe(
    true,
  );
  const said = new URLSearchParams(url.split(/[?#]/)[1]);
  expect(said.get("error")).toBe(error);
  expect(said.get("state")).toBe("a state");
});

test.each<[string, Record<string, string>]>([
  ["an unknown client", { client_id: "3a1d5e1c-99b9-4621-b329-fef3582e0032" }],
  ["a client of no possible name", { client_id: "a\0'; drop table client; --" }],
  ["another path", { redirect_uri: "http://localhost:3999/callback/" }],
  ["a query besides", { redirect_uri: "http://localhost:3999/callback?next=1" }],
  ["another port", { redirect_uri: "http://localhost:3998/callback" }],
  ["another host", { redirect_uri: "http://localhost:3999@evil.example/callback" }],
  ["a script", { redirect_uri: "javascript:alert(1)" }],
])("%s is shown an error and led nowhere", async (_, parameters) => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const answer = await new TestBrowser().go(await authorizationUrl(config, application, parameters));
  expect(answer.status).toBe(400);
  expect(answer.headers.location).toBeUndefined();
  expect(answer.headers["content-type"]).toContain("text/html");
  expect(answer.page).not.toContain("evil.example");
});

test.each<[string, string]>([
  ["a parameter twice", "client_id=a&client_id=b&response_type=code"],
  ["nothing", ""],
  ["half a percent sign", "client_id=%E0%A4%A"],
  ["a name of the prototype", "__proto__=x&constructor=y"],
  ["10,000 characters of state", `client_id=x&state=${"s".repeat(10_000)}`],
])("%s is no fault", async (_, query) => {
  const inAddress = await new TestBrowser().go(`${issuer.url}/oidc/auth?${query}`);
  expect(inAddress.status).toBe(400);
  const inForm = await fetch(`${issuer.url}/oidc/auth`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: query,
  });
  expect(inForm.status).toBe(400);
});

test("one network may have so many requests wait, and no more: what is beyond is answered, and not kept", async () => {
  const application = await makeApplication();
  const asked = await authorizationUrl(await discover(issuer.url, application), application);
  await new TestBrowser().follow(asked);
  await db.sql`update robot_count set count = ${networkRates.request} where key like 'request/%'`;
  const [before] = await db.sql`select count(*) from openid_entry`;
  for (const path of ["/oidc/auth", "/oidc/AUTH"]) {
    const { url } = await new TestBrowser().follow(asked.replace("/oidc/auth", path));
    expect(new URL(url).searchParams.get("error")).toBe("temporarily_unavailable");
  }
  expect(await db.sql`select count(*) from openid_entry`).toEqual([before]);
  await db.sql`delete from robot_count`;
});

test("a form of 100,000 bytes is too long, and no fault", async () => {
  const answer = await fetch(`${issuer.url}/oidc/auth`, {
    method: "POST",
    body: new URLSearchParams({ state: "s".repeat(100_000) }),
  });
  expect(answer.status).toBe(413);
  const token = await fetch(`${issuer.url}/oidc/token`, {
    method: "POST",
    body: new URLSearchParams({ code: "s".repeat(100_000) }),
  });
  expect(token.status).toBe(400);
});

test("where it stands it takes from what we call ourselves, not from who asks", async () => {
  const { host } = new URL(issuer.url);
  const asked = request(`${issuer.url}/oidc/.well-known/openid-configuration`, {
    headers: { host: "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
  });
  asked.end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const said = await json(answer);
  expect(JSON.stringify(said)).not.toContain("evil.example");
  expect(said).toMatchObject({
    issuer: `${issuer.url}/oidc`,
    authorization_endpoint: `http://${host}/oidc/auth`,
    token_endpoint: `http://${host}/oidc/token`,
    code_challenge_methods_supported: ["S256"],
    id_token_signing_alg_values_supported: ["RS256"],
  });
});

test("the log has every sign-in with the grant that opened it, and every refusal", async () => {
  const { user, application } = await signIn();
  expect(
    await db.sql`select outcome, grant_id, target_id, details from audit_event where kind = 'openid.signed-in' and user_id = ${user.userId}`,
  ).toEqual([
    { outcome: "ok", grant_id: user.grantId, target_id: application.id, details: { method: "access_code" } },
  ]);
});

test("an application may call so often a second as its row says, and is told so in the door's words", async () => {
  const application = await makeApplication("http://localhost:3999/callback", 2);
  const config = await discover(issuer.url, application);
  const asked = await Promise.allSettled(
    Array.from({ length: 6 }, () => rp.tokenIntrospection(config, "a token")),
  );
  const refused = asked.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  expect(refused.length).toBeGreaterThanOrEqual(2);
  expect(refused[0]).toMatchObject({ status: 429, error: "temporarily_unavailable" });
});

test("staff see where somebody is signed in and until when, and nothing of it once it ended", async () => {
  const { user } = await signIn();
  const desk = staffContext();
  expect(await listOpened(desk, user)).toMatchObject([
    { application: "Intranet", grantId: user.grantId, method: "access_code", until: expect.any(Date) },
  ]);
  await endEmergencyAccess(desk, { userId: user.userId, reason: "found" });
  expect(await listOpened(desk, user)).toEqual([]);
});

import { randomUUID, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import { decodeProtectedHeader, type JWK } from "jose";
import * as rp from "openid-client";
import { expect, test } from "vitest";
import { attemptCookieName } from "@/lib/authn/browser";
import { endClient } from "@/lib/clients/end";
import { foldKey } from "@/lib/directory/fold";
import { endEmergencyAccess, revokeGrant } from "@/lib/grants/revoke";
import { setUserStatus } from "@/lib/grants/set-user-status";
import { listOpened } from "@/lib/openid/list-opened";
import { rotateOpenidKey } from "@/lib/openid/signing-keys";
import { sweepOpenid } from "@/lib/openid/sweep";
import { type Context, systemContext } from "@/lib/platform/context";
import { networkRates } from "@/lib/robots/model";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import {
  discover,
  makeApplication,
  openIssuer,
  proveAtOtp,
  signInBy,
  type TestApplication,
  TestBrowser,
} from "@/tools/testing/openid";

const db = openTestDatabase();
const issuer = openIssuer();
const operator: Context = {
  actor: { kind: "operator", name: "rotate-openid-key" },
  requestId: "test-operator",
  sourceIp: null,
  userAgent: null,
};

/** Somebody with an access code that is live for an hour. */
async function makeUser(overrides: object = {}) {
  const userId = await insertPerson(db.sql, overrides);
  const [user] = await db.sql`select login, email, display_name from users where id = ${userId}`;
  const { grantId, text } = await issueCode(userId, { windowSeconds: 3600 });
  return { userId, grantId, text, login: user?.login as string, name: user?.display_name as string };
}

const provenBy =
  ({ login, text }: { login: string; text: string }) =>
  (...[browser, otpUrl]: Parameters<Parameters<typeof signInBy>[2]>) =>
    proveAtOtp(browser, otpUrl, login, text);

/** Signs a new user in at an application, as far as tokens. */
async function signIn(parameters: Record<string, string> = {}, application?: TestApplication) {
  const made = application ?? (await makeApplication());
  const config = await discover(issuer.url, made);
  const user = await makeUser();
  const { callback, checks } = await signInBy(config, made, provenBy(user), parameters);
  const tokens = await rp.authorizationCodeGrant(config, callback, checks);
  return { application: made, config, user, tokens, callback, checks };
}

test("openid-client signs somebody in by code and PKCE, and is told truly who, how and when", async () => {
  const begunAt = Math.floor(Date.now() / 1000);
  const { user, tokens, config } = await signIn();
  const claims = tokens.claims();
  expect(claims).toMatchObject({
    iss: `${issuer.url}/oidc`,
    sub: user.userId,
    amr: ["otp"],
    acr: "urn:sparekey:acr:emergency-access",
    name: user.name,
    preferred_username: user.login,
  });
  expect(claims?.auth_time).toBeGreaterThanOrEqual(begunAt);
  expect(claims?.auth_time).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
  expect(tokens.expires_in).toBeLessThanOrEqual(600);
  expect(await rp.fetchUserInfo(config, tokens.access_token, user.userId)).toMatchObject({
    sub: user.userId,
    name: user.name,
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

const isActive = async ({ config, tokens }: Awaited<ReturnType<typeof signIn>>) =>
  (await rp.tokenIntrospection(config, tokens.access_token)).active;

const offline = { scope: "openid offline_access", prompt: "consent" };

test.each<[string, (signedIn: Awaited<ReturnType<typeof signIn>>) => Promise<unknown>]>([
  [
    "its spent grant is revoked",
    ({ user }) => revokeGrant(staffContext(), { grantId: user.grantId, reason: "suspicious" }),
  ],
  [
    "all access of the user is ended",
    ({ user }) => endEmergencyAccess(staffContext(), { userId: user.userId, reason: "found" }),
  ],
  [
    "the user is disabled",
    ({ user }) => setUserStatus(staffContext("security"), { userId: user.userId, isDisabled: true }),
  ],
  [
    "the application is ended",
    ({ application }) => endClient(staffContext("owner"), { clientId: application.id }),
  ],
  [
    "the grant's window closes",
    ({ user }) =>
      db.sql`update openid_sign_in set expires_at = now() - interval '1 millisecond' where user_id = ${user.userId}`,
  ],
])("what a grant opened ends at once when %s: tokens of every kind", async (_, end) => {
  const signedIn = await signIn(offline);
  const { config, tokens, user } = signedIn;
  expect(await isActive(signedIn)).toBe(true);
  await end(signedIn);
  await expect(rp.fetchUserInfo(config, tokens.access_token, user.userId)).rejects.toMatchObject({
    status: 401,
  });
  const refreshed = rp.refreshTokenGrant(config, tokens.refresh_token as string);
  await expect(refreshed).rejects.toMatchObject({ status: expect.toBeOneOf([400, 401]) });
  const other = await discover(issuer.url, await makeApplication());
  expect((await rp.tokenIntrospection(other, tokens.access_token)).active).toBe(false);
});

test("whoever is enabled again has to be proven again", async () => {
  const signedIn = await signIn();
  for (const isDisabled of [true, false])
    await setUserStatus(staffContext("security"), { userId: signedIn.user.userId, isDisabled });
  expect(await isActive(signedIn)).toBe(false);
});

test("no token outlives the grant that opened it", async () => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const user = await makeUser();
  const { text } = await issueCode(user.userId, { windowSeconds: 60 });
  const { callback, checks } = await signInBy(config, application, provenBy({ ...user, text }), offline);
  const tokens = await rp.authorizationCodeGrant(config, callback, checks);
  expect(tokens.expires_in).toBeLessThanOrEqual(60);
  const claims = tokens.claims();
  expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBeLessThanOrEqual(60);
  const [kept] = await db.sql`select max(e.expires_at) <= g.expires_at + interval '1 second' as within
    from openid_entry e join openid_sign_in s on s.id = e.sign_in_id join grants g on g.id = s.grant_id
    where s.user_id = ${user.userId} group by g.expires_at`;
  expect(kept).toEqual({ within: true });
});

test("replay: a code that comes a second time opens nothing, and closes what it opened", async () => {
  const signedIn = await signIn();
  const { config, callback, checks, user } = signedIn;
  await expect(rp.authorizationCodeGrant(config, callback, checks)).rejects.toMatchObject({
    error: "invalid_grant",
  });
  expect(await isActive(signedIn)).toBe(false);
  expect(
    await db.sql`select reason from audit_event where kind = 'openid.ended' and user_id = ${user.userId}`,
  ).toEqual([{ reason: "replayed" }]);
});

test("code-twice: of ten who bring the same code at once not two get tokens that live", async () => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const { callback, checks } = await signInBy(config, application, provenBy(await makeUser()));
  const brought = await Promise.allSettled(
    Array.from({ length: 10 }, () => rp.authorizationCodeGrant(config, callback, checks)),
  );
  const given = brought.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  expect(given.length).toBeLessThanOrEqual(1);
  for (const { access_token } of given)
    expect((await rp.tokenIntrospection(config, access_token)).active).toBe(false);
});

test("a refresh token is good once, and gives no more time than there was", async () => {
  const { config, tokens, user } = await signIn(offline);
  const first = tokens.refresh_token as string;
  const fresh = await rp.refreshTokenGrant(config, first);
  expect(fresh.refresh_token).not.toBe(first);
  expect(fresh.claims()).toMatchObject({
    sub: user.userId,
    amr: ["otp"],
    auth_time: tokens.claims()?.auth_time,
  });
  await expect(rp.refreshTokenGrant(config, first)).rejects.toMatchObject({ error: "invalid_grant" });
  expect((await rp.tokenIntrospection(config, fresh.access_token)).active).toBe(false);
});

test("an application gives back what it was given, by any token of it", async () => {
  const signedIn = await signIn(offline);
  await rp.tokenRevocation(signedIn.config, signedIn.tokens.access_token);
  expect(await isActive(signedIn)).toBe(false);
  await expect(
    rp.refreshTokenGrant(signedIn.config, signedIn.tokens.refresh_token as string),
  ).rejects.toMatchObject({ error: "invalid_grant" });
});

test("one application can neither read nor give back what another was given", async () => {
  const signedIn = await signIn();
  const other = await discover(issuer.url, await makeApplication());
  expect((await rp.tokenIntrospection(other, signedIn.tokens.access_token)).active).toBe(false);
  await rp.tokenRevocation(other, signedIn.tokens.access_token);
  expect(await isActive(signedIn)).toBe(true);
  await expect(rp.authorizationCodeGrant(other, signedIn.callback, signedIn.checks)).rejects.toMatchObject({
    error: "invalid_grant",
  });
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

test("nobody stays signed in: every request asks for a proof of its own", async () => {
  const first = await signIn();
  const config = await discover(issuer.url, first.application);
  const asked = new URL(config.serverMetadata().authorization_endpoint ?? "");
  asked.search = new URLSearchParams({
    client_id: first.application.clientId,
    redirect_uri: first.application.redirectUri,
    response_type: "code",
    scope: "openid",
    prompt: "none",
    code_challenge: "x".repeat(43),
    code_challenge_method: "S256",
  }).toString();
  const { url } = await new TestBrowser().follow(asked.href);
  expect(new URL(url).searchParams.get("error")).toBe("login_required");
});

test("the browser in which a sign-in began takes up the success, and no other", async () => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const user = await makeUser();
  const [victim, thief] = [new TestBrowser(), new TestBrowser()];
  const asked = await authorizationUrl(config, application);
  const { url: otpUrl } = await thief.follow(asked);
  const back = await proveAtOtp(victim, otpUrl, user.login, user.text);
  expect(await victim.follow(back)).toMatchObject({ status: 400 });
  const led = await thief.follow(back);
  expect(new URL(led.url).pathname).toBe("/otp");
});

test("who plants a request of theirs in somebody's browser isn't signed in as them: who was proven goes on, in that browser", async () => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const user = await makeUser();
  const [victim, thief] = [new TestBrowser(), new TestBrowser()];
  const { url: otpUrl } = await thief.follow(await authorizationUrl(config, application));
  thief.plant(victim, "sparekey-openid-request");
  const back = await proveAtOtp(victim, otpUrl, user.login, user.text);
  thief.set(attemptCookieName(new URL(back).searchParams.get("attempt") ?? "", issuer.url), "s".repeat(40));
  const { headers } = await victim.go(back);
  const on = new URL(String(headers.refresh).replace("0;url=", ""), issuer.url);
  const led = new URL((await thief.follow(on.href)).url);
  expect(Object.fromEntries(led.searchParams)).toMatchObject({ error: "access_denied", state: "a state" });
  expect(led.searchParams.get("code")).toBeNull();
});

test("two requests that wait in one browser are each answered", async () => {
  const application = await makeApplication();
  const asked = await authorizationUrl(await discover(issuer.url, application), application);
  const browser = new TestBrowser();
  const waiting = [await browser.follow(asked), await browser.follow(asked)];
  const proven: string[] = [];
  for (const { url } of waiting) {
    const { login, text } = await makeUser();
    proven.push(await proveAtOtp(browser, url, login, text));
  }
  for (const back of proven)
    expect(new URL((await browser.follow(back)).url).searchParams.get("code")).toBeTruthy();
});

/** The address at which a well-behaved application begins; `parameters` in place of the right ones, null takes one away. */
async function authorizationUrl(
  config: rp.Configuration,
  application: TestApplication,
  parameters: Record<string, string | null> = {},
): Promise<string> {
  const url = rp.buildAuthorizationUrl(config, {
    redirect_uri: application.redirectUri,
    scope: "openid",
    code_challenge: await rp.calculatePKCECodeChallenge(rp.randomPKCECodeVerifier()),
    code_challenge_method: "S256",
    state: "a state",
  });
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}

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

test("a success that nobody had is no fault, whatever the request is called, and can't fill the log", async () => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const browser = new TestBrowser();
  const asked = await authorizationUrl(config, application, { "client-request-id": "\0" });
  const { url } = await browser.follow(asked);
  const attemptId = randomUUID();
  browser.set(attemptCookieName(attemptId, issuer.url), "s".repeat(40));
  const back = `${issuer.url}/oidc/interaction/${new URL(url).searchParams.get("app")}?attempt=${attemptId}`;
  expect(await browser.go(back)).toMatchObject({ status: 303 });
  await db.sql`update robot_count set count = ${networkRates.try} where key like 'try/%'`;
  const [before] = await db.sql`select count(*) from audit_event`;
  expect(await browser.go(back)).toMatchObject({ status: 429 });
  expect(await db.sql`select count(*) from audit_event`).toEqual([before]);
  await db.sql`delete from robot_count`;
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

test.each(["wrong", "", "\0"])("the secret %j opens nothing", async (secret) => {
  const application = await makeApplication();
  const config = await discover(issuer.url, { ...application, secret });
  const begun = rp.tokenIntrospection(config, "a token");
  await expect(begun).rejects.toThrow();
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

test("nothing that opens anything lies in the database as it is, nor a request's number", async () => {
  const { tokens, callback } = await signIn(offline);
  const secrets = [tokens.access_token, tokens.refresh_token, callback.searchParams.get("code")];
  const rows = await db.sql`select payload, encode(id_digest, 'escape') as id from openid_entry`;
  const dump = JSON.stringify(rows);
  for (const secret of secrets) expect(dump).not.toContain(secret as string);
});

test("a new key is published long before it signs, and the old one long after", async () => {
  const { config } = await signIn();
  const keysOf = async () =>
    ((await (await fetch(config.serverMetadata().jwks_uri ?? "")).json()) as { keys: JWK[] }).keys;
  const [before] = await keysOf();
  expect(before).toMatchObject({ kty: "RSA", alg: "RS256", use: "sig" });
  expect(before).not.toHaveProperty("d");
  const certificate = new X509Certificate(Buffer.from(before?.x5c?.[0] ?? "", "base64"));
  expect(certificate.publicKey.export({ format: "jwk" })).toMatchObject({ n: before?.n, e: before?.e });

  const rotated = await rotateOpenidKey(operator, { isCompromised: false });
  expect((await keysOf()).map(({ kid }) => kid)).toEqual([before?.kid, rotated.id]);
  expect(decodeProtectedHeader((await signIn()).tokens.id_token ?? "").kid).toBe(before?.kid);

  await db.sql`update openid_key set created_at = created_at - interval '49 hours'`;
  expect(decodeProtectedHeader((await signIn()).tokens.id_token ?? "").kid).toBe(rotated.id);
  expect((await keysOf()).map(({ kid }) => kid)).toEqual([rotated.id, before?.kid]);

  await db.sql`update openid_key set created_at = created_at - interval '25 hours'`;
  await sweepOpenid(systemContext("sweep", "test-sweep"));
  expect((await keysOf()).map(({ kid }) => kid)).toEqual([rotated.id]);
});

test("a key that somebody else has is gone with the command, and the next one signs at once", async () => {
  const { id } = await rotateOpenidKey(operator, { isCompromised: true });
  expect(decodeProtectedHeader((await signIn()).tokens.id_token ?? "").kid).toBe(id);
  expect(await db.sql`select id from openid_key`).toEqual([{ id }]);
});

test("the sweep forgets what is over, and nothing else", async () => {
  const signedIn = await signIn();
  await db.sql`update openid_entry set expires_at = now() - interval '1 second' where model = 'AuthorizationCode'`;
  await db.sql`update openid_sign_in set expires_at = now() - interval '2 days' where user_id <> ${signedIn.user.userId}`;
  await sweepOpenid(systemContext("sweep", "test-sweep"));
  expect(await db.sql`select 1 from openid_entry where model = 'AuthorizationCode'`).toHaveLength(0);
  expect(await db.sql`select user_id from openid_sign_in`).toEqual([{ user_id: signedIn.user.userId }]);
  expect(await isActive(signedIn)).toBe(true);
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

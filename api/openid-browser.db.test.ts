import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { attemptCookieName } from "@/lib/authn/browser";
import { networkRates } from "@/lib/robots/model";
import { openTestDatabase } from "@/tools/testing/database";
import {
  authorizationUrl,
  discover,
  makeApplication,
  openIssuer,
  proveAtOtp,
  TestBrowser,
} from "@/tools/testing/openid";
import { openSignIns } from "@/tools/testing/openid-sign-in";

const db = openTestDatabase();
const issuer = openIssuer();
const { makeUser, signIn } = openSignIns(db.sql, issuer);

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

test("a success that nobody had is no fault, whatever the request is called, and beyond the rate of its network it is turned away", async () => {
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
  const [before] = await db.sql`select max(id) as id from audit_event`;
  expect(await browser.go(back)).toMatchObject({ status: 429 });
  const since =
    await db.sql`select kind, reason, details->>'act' as act from audit_event where id > ${before?.id}`;
  expect(since.map((row) => ({ ...row }))).toEqual([{ kind: "request.refused", reason: "busy", act: "try" }]);
  await db.sql`delete from robot_count`;
});

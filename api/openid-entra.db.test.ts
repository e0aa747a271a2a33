import { randomUUID } from "node:crypto";
import { generateKeyPair } from "jose";
import { expect, test } from "vitest";
import { selectChannel } from "@/lib/authn/select-channel";
import { issueGrant } from "@/lib/grants/issue";
import { verifyEntraHint } from "@/lib/openid/entra-hint";
import { createUser } from "@/lib/scim/create-user";
import { removeUser } from "@/lib/scim/remove-user";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { askByEntra, EntraStandIn, type EntraUser, type Lies, openEntra } from "@/tools/testing/entra";
import { expectIssued, insertPerson, issueCode, wish } from "@/tools/testing/issuing";
import { openIssuer, proveAtOtp, TestBrowser } from "@/tools/testing/openid";
import { answerNewestAsk } from "@/tools/testing/otp";
import { loginOf } from "@/tools/testing/rows";

const db = openTestDatabase();
const issuer = openIssuer();
const entra = openEntra();

/** Somebody whom both know: by the id in Entra's directory, and a name. */
async function makeUser(overrides: object = {}) {
  const oid = randomUUID();
  const userId = await insertPerson(db.sql, { external_id: oid, ...overrides });
  const login = await loginOf(db.sql, userId);
  const hinted: EntraUser = { sub: `pairwise-${randomUUID()}`, oid, preferred_username: login };
  return { userId, login, hinted };
}

type Prove = Parameters<typeof askByEntra>[3];
const never: Prove = async () => {
  throw new Error("asked for a proof");
};

test("Entra is answered with its own subject, one way and one class, truly", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.userId);
  let shown = "";
  const said = await askByEntra(entra, issuer.url, user.hinted, async (browser, otpUrl) => {
    shown = otpUrl;
    return proveAtOtp(browser, otpUrl, user.login, text);
  });
  expect(said).toEqual({ amr: "otp", acr: "possessionorinherence" });
  expect(new URL(shown).searchParams.get("login")).toBe(user.login);
  const [logged] =
    await db.sql`select details from audit_event where kind = 'openid.signed-in' and user_id = ${user.userId}`;
  expect(logged?.details).toMatchObject({ method: "access_code", correlationId: expect.any(String) });
});

test.each([
  ["sms", "sms"],
  ["voice", "tel"],
] as const)("a proof by %s is told as %s", async (method, amr) => {
  const user = await makeUser();
  expectIssued(await issueGrant(staffContext("owner"), wish(user.userId, { method })));
  const said = await askByEntra(entra, issuer.url, user.hinted, async (browser, otpUrl) =>
    proveAtOtp(browser, otpUrl, user.login, (id, holder) => askForOtp(id, holder, method), method),
  );
  expect(said).toEqual({ amr, acr: "possessionorinherence" });
});

test.each([
  ["the name, where the id is nobody's", { external_id: null }, (hinted: EntraUser) => hinted],
  [
    "the id, where the name is nobody's",
    {},
    (hinted: EntraUser) => ({ ...hinted, preferred_username: "somebody@else" }),
  ],
])("whom it means is told by %s", async (_, overrides, change) => {
  const user = await makeUser(overrides);
  const { text } = await issueCode(user.userId);
  const said = await askByEntra(entra, issuer.url, change(user.hinted), (browser, otpUrl) =>
    proveAtOtp(browser, otpUrl, user.login, text),
  );
  expect(said).toMatchObject({ amr: "otp" });
});

test("somebody else's code doesn't prove whom Entra asks about, however right it is", async () => {
  const [asked, other] = [await makeUser(), await makeUser()];
  const { text } = await issueCode(other.userId);
  const said = await askByEntra(entra, issuer.url, asked.hinted, (browser, otpUrl) =>
    proveAtOtp(browser, otpUrl, other.login, text),
  );
  expect(said).toEqual({ error: "access_denied" });
  expect(
    await db.sql`select reason from audit_event where kind = 'openid.signed-in' and user_id = ${other.userId}`,
  ).toEqual([{ reason: "other_user" }]);
});

test("where its id leads to one and its name to another, neither's code is taken", async () => {
  const named = await makeUser({ external_id: null });
  const numbered = await makeUser({ external_id: named.hinted.oid });
  for (const { userId, login } of [named, numbered]) {
    const { text } = await issueCode(userId);
    const said = await askByEntra(entra, issuer.url, named.hinted, (browser, otpUrl) =>
      proveAtOtp(browser, otpUrl, login, text),
    );
    expect(said).toEqual({ error: "access_denied" });
  }
});

test("who was taken away and brought in anew by the directory is answered as anybody", async () => {
  const [oid, userName] = [randomUUID(), `back.${randomUUID()}`];
  const actor = {
    kind: "client",
    clientId: randomUUID(),
    name: "directory",
    role: null,
    scopes: ["scim"],
  } as const;
  const ctx = { ...publicContext(), actor };
  const bring = async () => {
    const made = await createUser(ctx, { core: { userName, externalId: oid }, extension: {} });
    if (!made.ok) throw new Error(made.reason);
    return made.person.id;
  };
  expect(await removeUser(ctx, { id: await bring(), ifMatch: undefined })).toMatchObject({ ok: true });
  const { text } = await issueCode(await bring());
  const hinted = { sub: `pairwise-${randomUUID()}`, oid, preferred_username: userName };
  const said = await askByEntra(entra, issuer.url, hinted, (browser, otpUrl) =>
    proveAtOtp(browser, otpUrl, userName, text),
  );
  expect(said).toMatchObject({ amr: "otp" });
});

const asksFor = (acr: string[], amr: string[]) => ({
  claims: JSON.stringify({
    id_token: { acr: { essential: true, values: acr }, amr: { essential: true, values: amr } },
  }),
});

test.each<[string, Record<string, string>]>([
  ["a class that no phone and no code is", asksFor(["knowledgeorinherence"], ["otp"])],
  ["only ways that we haven't", asksFor(["possessionorinherence"], ["fido", "face"])],
])("asked for %s it is told at once, and nobody is asked for a proof", async (_, fields) => {
  const said = await askByEntra(entra, issuer.url, (await makeUser()).hinted, never, fields);
  expect(said).toEqual({ error: "unmet_authentication_requirements" });
});

test("proven in a way that wasn't asked for, it is not told that it was another", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.userId);
  const said = await askByEntra(
    entra,
    issuer.url,
    user.hinted,
    (browser, otpUrl) => proveAtOtp(browser, otpUrl, user.login, text),
    asksFor(["possessionorinherence"], ["sms", "tel"]),
  );
  expect(said).toEqual({ error: "unmet_authentication_requirements" });
});

const now = () => Math.floor(Date.now() / 1000);
const strangers = await generateKeyPair("RS256");
const curve = await generateKeyPair("ES256");

test.each<[string, () => Lies]>([
  ["over for eleven minutes", () => ({ claims: { iat: now() - 660, nbf: now() - 660, exp: now() - 660 } })],
  [
    "signed long ago and good for long",
    () => ({ claims: { iat: now() - 3600, nbf: now() - 3600, exp: now() + 3600 } }),
  ],
  ["from the future", () => ({ claims: { iat: now() + 300, nbf: now() + 300, exp: now() + 300 } })],
  ["without an end", () => ({ claims: { exp: undefined } })],
  ["for another application", () => ({ claims: { aud: randomUUID() } })],
  ["of another issuer", () => ({ claims: { iss: "https://login.microsoftonline.com/x/v2.0" } })],
  ["of another tenant", () => ({ claims: { tid: randomUUID() } })],
  ["without a subject", () => ({ claims: { sub: undefined } })],
  ["without an id", () => ({ claims: { oid: undefined } })],
  ["by a stranger's key", () => ({ key: strangers.privateKey })],
  ["by a key that nobody knows", () => ({ key: strangers.privateKey, kid: "unknown" })],
  ["by another algorithm", () => ({ alg: "ES256", key: curve.privateKey })],
  ["under a shared secret", () => ({ alg: "HS256", key: new TextEncoder().encode("s".repeat(32)) })],
])("a hint that is %s is refused, in Entra's form", async (_, lies) => {
  const { hinted } = await makeUser();
  expect(await askByEntra(entra, issuer.url, hinted, never, { lies: lies() })).toEqual({
    error: "invalid_request",
  });
});

test.each([
  [
    "unsigned",
    `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from("{}").toString("base64url")}.`,
  ],
  ["no token", "x"],
  ["20,000 characters long", `${"a".repeat(20_000)}.b.c`],
  ["NUL", "\0.\0.\0"],
])("a hint that is %s is refused, in Entra's form", async (_, id_token_hint) => {
  const { hinted } = await makeUser();
  expect(await askByEntra(entra, issuer.url, hinted, never, { id_token_hint })).toEqual({
    error: "invalid_request",
  });
});

test("without a hint Entra is told nothing about anybody", async () => {
  const { form, nonce, state } = await entra.ask((await makeUser()).hinted);
  const { id_token_hint: _, ...without } = form;
  const { page } = await new TestBrowser().follow(`${issuer.url}/oidc/auth`, without);
  const asked = { user: (await makeUser()).hinted, nonce, state };
  expect(await entra.judge(page, asked, `${issuer.url}/oidc`)).toEqual({ error: "invalid_request" });
});

test("an answer goes to Entra's own address and to no other", async () => {
  const { form } = await entra.ask((await makeUser()).hinted, { redirect_uri: "https://evil.example/" });
  const answer = await new TestBrowser().follow(`${issuer.url}/oidc/auth`, form);
  expect(answer.status).toBe(400);
  expect(answer.page).not.toContain("evil.example");
});

test("hints by keys that nobody knows have Entra asked for its keys once in a while, not each time", async () => {
  const { hinted } = await makeUser();
  const before = entra.keysAsked;
  for (const kid of ["one", "two", "three"])
    await askByEntra(entra, issuer.url, hinted, never, { lies: { key: strangers.privateKey, kid } });
  expect(entra.keysAsked - before).toBeLessThanOrEqual(1);
});

test.each<[string, (other: EntraStandIn) => object]>([
  ["it doesn't answer", (other) => Object.assign(other, { isAway: true })],
  [
    "its keys are said to be elsewhere",
    (other) =>
      Object.assign(other, { says: () => ({ issuer: other.issuer, jwks_uri: `${entra.base}/keys` }) }),
  ],
  [
    "it says more than anybody reads",
    (other) => Object.assign(other, { says: () => ({ issuer: other.issuer, padding: "x".repeat(600_000) }) }),
  ],
])("where Entra's keys can't be had because %s, nobody is believed", async (_, break_) => {
  const other = new EntraStandIn();
  await other.start();
  await other.enrol();
  break_(other);
  const { hinted } = await makeUser();
  expect(await askByEntra(other, issuer.url, hinted, never)).toEqual({ error: "temporarily_unavailable" });
  await other.close();
});

test("of any number of requests at once one asks Entra who it is, also where it says nothing of use", async () => {
  const other = new EntraStandIn();
  await other.start();
  let asked = 0;
  other.says = () => {
    asked += 1;
    return {};
  };
  const { tenantId, appId, base } = other;
  const tenant = { tenantId, appId, discoveryUrl: `${base}/who` };
  const said = await Promise.all(
    Array.from({ length: 10 }, () => verifyEntraHint(tenant, "a.b.c", new Date())),
  );
  expect(said).toEqual(Array(10).fill({ ok: false, reason: "unreachable" }));
  expect(asked).toBe(1);
  await other.close();
});

test("what a browser may do with the page that answers Entra: nothing but send it", async () => {
  const { form } = await entra.ask((await makeUser()).hinted, { lies: { claims: { aud: "x" } } });
  const { headers } = await new TestBrowser().follow(`${issuer.url}/oidc/auth`, form);
  expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*script-src 'self' 'sha256-/);
  expect(headers["cache-control"]).toContain("no-store");
});

/** Asks for a text or a call; answers the digits that it brings. */
async function askForOtp(
  attemptId: string,
  holder: { kind: "browser"; secret: string },
  channel: "sms" | "voice",
): Promise<string> {
  await selectChannel(publicContext(), { attemptId, holder, channel });
  expect(await answerNewestAsk(db.sql, attemptId, "123456")).toBe("sent");
  return "123456";
}

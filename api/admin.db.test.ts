import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { endClient } from "@/lib/clients/end";
import { inStatement } from "@/lib/platform/transaction";
import { changePolicy } from "@/lib/policy/change";
import { policySchema } from "@/lib/policy/model";
import { readPolicy } from "@/lib/policy/store";
import { makeClientKey } from "@/tools/testing/authn-api";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors, postBeginning, tenMegabytes } from "@/tools/testing/doors";
import { issueCode } from "@/tools/testing/issuing";
import { makeLegacyKey, makeLegacyToken, signLegacyToken } from "@/tools/testing/legacy-key";
import { insertGrant, insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const root = "/AdminInterface/restapi";

let integration = "";
let helpdesk = "";
let integrationId = "";

beforeAll(async () => {
  const { client, keyFile } = await makeLegacyKey("integration");
  integrationId = client.id;
  integration = await signLegacyToken(keyFile);
  helpdesk = await makeLegacyToken("helpdesk");
});

const call = (method: string, path: string, body?: unknown, token = integration) =>
  doors.call(method, `${root}${path}`, { headers: { authorization: `Bearer ${token}` }, body });

const makeUser = (phones = {}) => insertUser(db.sql, phones);

async function setPolicy(overrides: object) {
  const { version } = await inStatement(readPolicy);
  const policy = policySchema.parse(overrides);
  const changed = await changePolicy(staffContext("owner"), { expectedVersion: version, policy });
  if (!changed.ok) throw new Error("policy not changed");
}

const eventsOf = async (headers: Headers) => {
  const rows =
    await db.sql`select kind, outcome, reason, actor_kind, actor_id from audit_event where request_id = ${headers.get("x-request-id")} order by id`;
  return rows.map(({ kind, outcome }) => `${kind} ${outcome}`);
};

const rsaDate = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const aUuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

const secondsUntil = (date: string) => (new Date(date).getTime() - Date.now()) / 1000;

test("v1 issues a code for so many days, with its id and both expiries", async () => {
  const user = await makeUser();
  const answer = await call("PUT", `/v1/users/${user.id}/emergencyTokencode`, { expirationDays: "2" });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    emergencyTokencodeId: aUuid,
    emergencyTokencode: expect.stringMatching(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/),
    expirationDate: rsaDate,
    offlineExpirationDate: rsaDate,
  });
  expect(secondsUntil(answer.body.expirationDate) / 86_400).toBeCloseTo(2, 2);
  expect(answer.body.offlineExpirationDate >= answer.body.expirationDate).toBe(true);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const [grant] =
    await db.sql`select issuer_kind, issuer_id, issuer_label, user_id from grants where id = ${answer.body.emergencyTokencodeId}`;
  expect(grant).toEqual({
    issuer_kind: "client",
    issuer_id: integrationId,
    issuer_label: "a integration script",
    user_id: user.id,
  });
});

test.each([0, 8, 1.5, "x", null, -1])(
  "v1 with expirationDays %s is a bad request",
  async (expirationDays) => {
    const user = await makeUser();
    const answer = await call("PUT", `/v1/users/${user.id}/emergencyTokencode`, { expirationDays });
    expect([answer.status, answer.body.code]).toEqual([400, "400 BAD_REQUEST"]);
  },
);

test("v2 takes unit and value, and says what was used", async () => {
  const user = await makeUser();
  const path = `/v2/users/${user.id}/emergencyTokencode/`;
  const { status, body } = await call("PUT", path, {
    oneTimeUse: true,
    expiryUnit: "minutes",
    expiryValue: "90",
    extra: 1,
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    emergencyTokencodeId: aUuid,
    oneTimeUse: true,
    configurationsLocked: false,
    configurationsUsed: { expiryValue: 90, expiryUnit: "minutes", oneTimeUse: true },
  });
  expect(secondsUntil(body.expirationDate)).toBeGreaterThan(89 * 60);
});

test.each([{}, undefined, ""])("v2 without a wish gives what the policy says", async (wish) => {
  const user = await makeUser();
  const { status, body } = await call("PUT", `/v2/users/${user.id}/emergencyTokencode`, wish);
  expect(status).toBe(200);
  expect(body.configurationsUsed).toEqual({ expiryValue: 4, expiryUnit: "hours", oneTimeUse: true });
});

test.each([
  { expiryUnit: "hours" },
  { expiryValue: 3 },
  { expiryUnit: "weeks", expiryValue: 1 },
  { expiryUnit: "days", expiryValue: 8 },
  { expiryUnit: "minutes", expiryValue: 0 },
  { expiryUnit: "hours", expiryValue: 169 },
  { oneTimeUse: "perhaps" },
  { oneTimeUse: false },
])("v2 with %o is a bad request", async (wish) => {
  const user = await makeUser();
  const answer = await call("PUT", `/v2/users/${user.id}/emergencyTokencode`, wish);
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({ code: "400 BAD_REQUEST", description: expect.any(String) });
});

test("a helpdesk key gives 24 hours, and beyond is told its ceiling", async () => {
  const user = await makeUser();
  const path = `/v2/users/${user.id}/emergencyTokencode`;
  expect((await call("PUT", path, { expiryUnit: "hours", expiryValue: 24 }, helpdesk)).status).toBe(200);
  const answer = await call("PUT", path, { expiryUnit: "hours", expiryValue: 25 }, helpdesk);
  expect([answer.status, answer.body.code]).toEqual([400, "400 BAD_REQUEST"]);
  expect(answer.body.description).toContain("24 hours");
  const v1 = await call("PUT", `/v1/users/${user.id}/emergencyTokencode`, { expirationDays: 2 }, helpdesk);
  expect([v1.status, v1.body.description]).toEqual([400, answer.body.description]);
  expect((await call("PUT", path, { expiryUnit: "days", expiryValue: 7 })).status).toBe(200);
});

test("a second PUT replaces the code, and the log says replaced", async () => {
  const user = await makeUser();
  const path = `/v1/users/${user.id}/emergencyTokencode`;
  const first = await call("PUT", path, { expirationDays: 1 });
  const second = await call("PUT", path, { expirationDays: 1 });
  expect(second.body.emergencyTokencodeId).not.toBe(first.body.emergencyTokencodeId);
  expect((await eventsOf(second.headers)).sort()).toEqual(
    expect.arrayContaining(["grant.issued ok", "grant.replaced ok"]),
  );
  const live = await db.sql`select id from grants where user_id = ${user.id} and ended_at is null`;
  expect(live).toEqual([{ id: second.body.emergencyTokencodeId }]);
});

test("50 parallel issues for one user leave one live code", async () => {
  const user = await makeUser();
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      call("PUT", `/v1/users/${user.id}/emergencyTokencode`, { expirationDays: 1 }),
    ),
  );
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(await db.sql`select 1 from grants where user_id = ${user.id} and ended_at is null`).toHaveLength(1);
});

test("an unknown user is not found, by any id and any call", async () => {
  for (const id of [randomUUID(), "nobody", "x".repeat(300), "%00", "..%2f..", "%F0%9F%92%A5", "' or 1=1"]) {
    const answers = [
      await call("PUT", `/v1/users/${id}/emergencyTokencode`, { expirationDays: 1 }),
      await call("PUT", `/v2/users/${id}/emergencyTokencode`, {}),
      await call("DELETE", `/v1/users/${id}/emergencyTokencodes`),
      await call("DELETE", `/v1/users/${id}/emergencyTokencode/${randomUUID()}`),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(404);
      expect(body).toEqual({
        code: "404 NOT_FOUND",
        description: `User ${decodeURIComponent(id)} not found`,
      });
    }
  }
});

test("a disabled user gets no code, a privileged one none by a key", async () => {
  const disabled = await makeUser();
  await db.sql`update users set disabled_at = now() where id = ${disabled.id}`;
  const refused = await call("PUT", `/v1/users/${disabled.id}/emergencyTokencode`, { expirationDays: 1 });
  expect([refused.status, refused.body.code]).toEqual([400, "400 BAD_REQUEST"]);
  const privileged = await makeUser();
  await db.sql`insert into user_group values (${privileged.id}, 'domain-admins')`;
  const denied = await call("PUT", `/v1/users/${privileged.id}/emergencyTokencode`, { expirationDays: 1 });
  expect([denied.status, denied.body.error]).toEqual([403, "Forbidden"]);
  expect(await eventsOf(denied.headers)).toEqual(["grant.issued refused"]);
});

test("a code is revoked by its id; a late retry is fine and does not touch a newer one", async () => {
  const user = await makeUser();
  const path = `/v1/users/${user.id}/emergencyTokencode`;
  const first = (await call("PUT", path, { expirationDays: 1 })).body.emergencyTokencodeId;
  const revoked = await call("DELETE", `${path}/${first}`);
  expect([revoked.status, revoked.text]).toEqual([200, ""]);
  const [row] = await db.sql`select ended_as from grants where id = ${first}`;
  expect(row?.ended_as).toBe("revoked");
  expect(await eventsOf(revoked.headers)).toContain("grant.revoked ok");

  const second = (await call("PUT", path, { expirationDays: 1 })).body.emergencyTokencodeId;
  expect((await call("DELETE", `${path}/${first}`)).status).toBe(200);
  const live = await db.sql`select id from grants where user_id = ${user.id} and ended_at is null`;
  expect(live).toEqual([{ id: second }]);
});

test("the older form revokes whichever code is live, and is content with none", async () => {
  const user = await makeUser();
  const { grantId } = await issueCode(user.id);
  const path = `/v1/users/${user.id}/emergencyTokencodes`;
  expect((await call("DELETE", path)).status).toBe(200);
  expect((await call("DELETE", path)).status).toBe(200);
  const [row] = await db.sql`select ended_as from grants where id = ${grantId}`;
  expect(row?.ended_as).toBe("revoked");
});

test("revoking takes access codes of that user alone: another's, an unknown one, an OTP's grant are not found", async () => {
  const [one, other] = [await makeUser(), await makeUser()];
  const { grantId } = await issueCode(other.id);
  const { id: smsGrant } = await insertGrant(db.sql, one.id);
  for (const codeId of [grantId, smsGrant, randomUUID(), "nonsense"]) {
    const answer = await call("DELETE", `/v1/users/${one.id}/emergencyTokencode/${codeId}`);
    expect([answer.status, answer.body]).toEqual([
      404,
      { code: "404 NOT_FOUND", description: `Emergency tokencode ${codeId} not found` },
    ]);
  }
  const live = await db.sql`select 1 from grants where id in (${grantId}, ${smsGrant}) and ended_at is null`;
  expect(live).toHaveLength(2);
});

test("DELETE is lenient about a content type without a body", async () => {
  const user = await makeUser();
  const answer = await doors.call("DELETE", `${root}/v1/users/${user.id}/emergencyTokencodes`, {
    headers: { authorization: `Bearer ${integration}`, "content-type": "application/json" },
  });
  expect(answer.status).toBe(200);
});

test("the look-up answers the whole user object, nulls as null, and never a code", async () => {
  const user = await makeUser({ sms: "+12025550101", voice: "+442079460102" });
  await db.sql`update users set email = 'Zoe@Example.com', email_key = 'zoe@example.com',
    last_sign_in_at = '2025-06-30T12:00:00Z', last_sign_in_method = 'Authenticator' where id = ${user.id}`;
  await db.sql`insert into user_group values (${user.id}, 'sales')`;
  const { grantId, text } = await issueCode(user.id);
  const answer = await call("POST", "/v1/users/lookup", {
    email: "zoe@EXAMPLE.com",
    searchUnsynched: "false",
  });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    id: user.id,
    emailAddress: "Zoe@Example.com",
    firstName: "Ada",
    lastName: "Lovelace",
    creationDate: rsaDate,
    identitySource: expect.any(String),
    userStatus: "Enabled",
    highRiskUser: false,
    markDeleted: false,
    markDeletedAt: null,
    markDeletedBy: null,
    smsNumber: "+1 202 555 0101",
    voiceNumber: "+44 20 7946 0102",
    isTokenLocked: false,
    isSmsLocked: false,
    isVoiceLocked: false,
    isFingerprintLocked: false,
    isApproveLocked: false,
    lastSyncTime: rsaDate,
    emergencyAccessStatus: "Enabled",
    emergencyTokencodeId: grantId,
    emergencyTokencodeExpiration: rsaDate,
    emergencyTokencodeLastUse: null,
    emergencyTokencodeOneTimeUse: true,
    offlineEmergencyAccessStatus: "Enabled",
    offlineEmergencyTokencodeExpiration: rsaDate,
    monthLastAuthenticated: "Jun 2025",
    lastSuccessfulAuthenticationMethod: "Authenticator",
    lastSuccessfulAuthenticationDate: "2025-06-30T12:00:00.000Z",
    principalUsername: user.login,
    alternateUsername: null,
    primaryUniqueIdentifier: user.id,
    secondaryUniqueIdentifier: null,
    identitySourceSpecificGroups: ["sales"],
    globalGroups: [],
  });
  expect(answer.text).not.toContain(text);
});

test("a user without anything is described by nulls, and a helpdesk key sees numbers masked", async () => {
  const bare = await makeUser();
  await db.sql`update users set disabled_at = now() where id = ${bare.id}`;
  const { body } = await call("POST", "/v1/users/lookup", { username: bare.login.toUpperCase() });
  expect(body).toMatchObject({
    emailAddress: null,
    userStatus: "Disabled",
    smsNumber: null,
    voiceNumber: null,
    emergencyAccessStatus: "Disabled",
    emergencyTokencodeId: null,
    emergencyTokencodeExpiration: null,
    emergencyTokencodeOneTimeUse: null,
    monthLastAuthenticated: null,
    lastSuccessfulAuthenticationMethod: null,
    lastSuccessfulAuthenticationDate: null,
    identitySourceSpecificGroups: [],
  });
  const phoned = await makeUser({ sms: "+12025550101" });
  const seen = await call("POST", "/v1/users/lookup", { username: phoned.login }, helpdesk);
  expect(seen.body.smsNumber).toBe("+1 ••• ••• 0101");
});

test("the look-up needs a name, one that leads to one user", async () => {
  for (const body of [{}, { email: "" }, { username: " " }, { email: null }]) {
    const answer = await call("POST", "/v1/users/lookup", body);
    expect([answer.status, answer.body.code]).toEqual([400, "400 BAD_REQUEST"]);
  }
  const [one, other] = [await makeUser(), await makeUser()];
  await db.sql`update users set email = 'a@b.c', email_key = 'a@b.c' where id in (${one.id}, ${other.id})`;
  for (const body of [
    { email: "a@b.c" },
    { email: "nobody@b.c" },
    { username: "a\0b" },
    { username: "💥".repeat(150) },
    { email: "a@b.c", username: "nobody" },
  ]) {
    const answer = await call("POST", "/v1/users/lookup", body);
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({
      code: "404 NOT_FOUND",
      description: `User ${("email" in body ? body.email : undefined) ?? body.username} not found`,
    });
  }
  const both = { email: "a@b.c", username: one.login };
  expect((await call("POST", "/v1/users/lookup", both)).body.id).toBe(one.id);
  await db.sql`update users set disabled_at = now() where id = ${one.id}`;
  expect((await call("POST", "/v1/users/lookup", { email: "a@b.c" })).body.id).toBe(other.id);
  expect((await call("POST", "/v1/users/lookup", both)).body).toMatchObject({
    id: one.id,
    userStatus: "Disabled",
  });
});

test("a lock of the company overrides what was asked, in v1 and v2, and v2 says so", async () => {
  await setPolicy({ accessCode: { lockedWindowSeconds: 2 * 3600, lockedUses: "once" } });
  try {
    const user = await makeUser();
    const v1 = await call("PUT", `/v1/users/${user.id}/emergencyTokencode`, { expirationDays: 7 });
    expect(v1.status).toBe(200);
    expect(secondsUntil(v1.body.expirationDate)).toBeLessThan(2 * 3600 + 5);
    const v2 = await call("PUT", `/v2/users/${user.id}/emergencyTokencode`, {
      oneTimeUse: false,
      expiryUnit: "days",
      expiryValue: 3,
    });
    expect(v2.body).toMatchObject({
      oneTimeUse: true,
      configurationsLocked: true,
      configurationsUsed: { expiryValue: 2, expiryUnit: "hours", oneTimeUse: true },
    });
  } finally {
    await setPolicy({});
  }
});

test("where the policy has only short codes, a short one is issued, good online only", async () => {
  await setPolicy({ accessCode: { forms: ["short"] } });
  try {
    const user = await makeUser();
    const { status, body } = await call("PUT", `/v2/users/${user.id}/emergencyTokencode`, {});
    expect(status).toBe(200);
    expect(body.emergencyTokencode).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(body.offlineExpirationDate).toBeNull();
  } finally {
    await setPolicy({});
  }
});

test.each([
  ["none", undefined],
  ["garbage", "Bearer x"],
  ["another scheme", "Basic dXNlcjpwYXNz"],
  ["an unsigned token", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."],
])("a call with %s for a token is answered 403 in RSA's form", async (_what, authorization) => {
  const path = `${root}/v1/users/lookup`;
  const answer = await doors.call("POST", path, {
    headers: authorization === undefined ? {} : { authorization },
    body: { username: "x" },
  });
  expect(answer.status).toBe(403);
  expect(answer.body).toEqual({
    timestamp: expect.any(Number),
    status: 403,
    error: "Forbidden",
    message: "Access Denied",
    path,
  });
  expect(await eventsOf(answer.headers)).toEqual(["client.refused refused"]);
});

test("a key for the Authentication API opens nothing here, an ended key neither", async () => {
  const { key: clientKey } = await makeClientKey();
  expect((await call("POST", "/v1/users/lookup", { username: "x" }, clientKey)).status).toBe(403);
  const key = await makeLegacyKey("helpdesk");
  const token = await signLegacyToken(key.keyFile);
  expect((await call("POST", "/v1/users/lookup", { username: "x" }, token)).status).toBe(404);
  await endClient(staffContext("owner"), { clientId: key.client.id });
  expect((await call("POST", "/v1/users/lookup", { username: "x" }, token)).status).toBe(403);
});

test("what can't be read is refused in RSA's form: no JSON, another content type, 10 MB, a path of ours that isn't", async () => {
  expect((await call("POST", "/v1/users/lookup", "{")).status).toBe(400);
  const typed = await doors.call("POST", `${root}/v1/users/lookup`, {
    headers: { authorization: `Bearer ${integration}`, "content-type": "application/xml" },
    body: "<x/>",
  });
  expect([typed.status, typed.body.code]).toEqual([415, "415 UNSUPPORTED_MEDIA_TYPE"]);
  const headers = { ...tenMegabytes, authorization: `Bearer ${integration}` };
  const big = await postBeginning(`${doors.url}${root}/v1/users/lookup`, headers, '{"username":"x');
  expect([big.status, big.body.code]).toEqual([413, "413 PAYLOAD_TOO_LARGE"]);
  const missing = await call("GET", "/v1/nothing");
  expect([missing.status, missing.body.code]).toEqual([404, "404 NOT_FOUND"]);
});

test("more calls a second than the key may make are answered 429 with the time to wait", async () => {
  const token = await makeLegacyToken("helpdesk", 2);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => call("POST", "/v1/users/lookup", { username: "x" }, token)),
  );
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThanOrEqual(4);
  expect(limited[0]?.headers.get("retry-after")).toBe("1");
  expect(limited[0]?.body).toEqual({ code: "429 TOO_MANY_REQUESTS", description: "Too many requests" });
});

test("no issued code stands in the log", async () => {
  const user = await makeUser();
  const { body } = await call("PUT", `/v1/users/${user.id}/emergencyTokencode`, { expirationDays: 1 });
  const code: string = body.emergencyTokencode;
  const events = await db.sql`select e::text as line from audit_event e`;
  expect(events.length).toBeGreaterThan(0);
  for (const { line } of events) {
    expect(line).not.toContain(code);
    expect(line).not.toContain(code.replaceAll("-", ""));
  }
});

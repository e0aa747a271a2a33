import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { toSubjectKey } from "@/lib/authn/subject";
import { mac } from "@/lib/platform/keys";
import { type OauthScope, oauthScopes } from "@/lib/staff/scopes";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { issueCode } from "@/tools/testing/issuing";
import { makeLegacyToken } from "@/tools/testing/legacy-key";
import { getToken, makeOauthClient, type TestOauthClient } from "@/tools/testing/oauth";
import { insertGrant, insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const root = "/AdminInterface/restapi";

let client: TestOauthClient;
let all = "";
beforeAll(async () => {
  client = await makeOauthClient(oauthScopes);
  all = await getToken(doors, client);
});

const call = (method: string, path: string, body?: unknown, token = all) =>
  doors.call(method, `${root}${path}`, { headers: { authorization: `Bearer ${token}` }, body });
const withScopes = (...scopes: OauthScope[]) => getToken(doors, client, scopes.join(" "));
const without = (...scopes: OauthScope[]) =>
  withScopes(...oauthScopes.filter((scope) => !scopes.includes(scope)));

const makeUser = (phones: { sms?: string; voice?: string } = {}) => insertUser(db.sql, phones);

const lookUp = async (login: string) => (await call("POST", "/v1/users/lookup", { username: login })).body;
const eventsOf = async (headers: Headers) => {
  const rows = await db.sql`select kind, outcome, reason, details from audit_event
    where request_id = ${headers.get("x-request-id")} order by id`;
  return rows.map((row) => ({ ...row }));
};

test("a user is disabled and loses every live grant with it, and is enabled again", async () => {
  const user = await makeUser({ sms: "+12025550101" });
  await issueCode(user.id);
  await insertGrant(db.sql, user.id);
  const disabled = await call("PUT", `/v1/users/${user.id}/userStatus`, { userStatus: "Disabled" });
  expect([disabled.status, disabled.body]).toEqual([200, { id: user.id, userStatus: "Disabled" }]);
  expect(await eventsOf(disabled.headers)).toContainEqual({
    kind: "user.disabled",
    outcome: "ok",
    reason: null,
    details: { because: "asked", grantsEnded: 2 },
  });
  const grants = await db.sql`select ended_as, end_reason from grants where user_id = ${user.id}`;
  expect(grants.map((row) => ({ ...row }))).toEqual(
    Array(2).fill({ ended_as: "revoked", end_reason: "disabled" }),
  );
  expect(await lookUp(user.login)).toMatchObject({
    userStatus: "Disabled",
    emergencyAccessStatus: "Disabled",
  });

  const again = await call("PUT", `/v1/users/${user.id}/userStatus`, { userStatus: "Disabled" });
  expect([again.status, await eventsOf(again.headers)]).toEqual([200, []]);
  const enabled = await call("PUT", `/v1/users/${user.id}/userStatus/`, { userStatus: "Enabled" });
  expect([enabled.status, enabled.body.userStatus]).toEqual([200, "Enabled"]);
  expect(await lookUp(user.login)).toMatchObject({
    userStatus: "Enabled",
    emergencyAccessStatus: "Disabled",
  });
});

test("who goes by a name of somebody else who may sign in, and whom another keeps, stays disabled", async () => {
  const [user, other] = [await makeUser(), await makeUser()];
  await db.sql`update users set disabled_at = now() where id = ${user.id}`;
  await db.sql`update users set source = 'scim', email = ${user.login}, email_key = ${user.login} where id = ${other.id}`;
  const refused = await call("PUT", `/v1/users/${user.id}/userStatus`, { userStatus: "Enabled" });
  expect([refused.status, refused.body.code]).toEqual([409, "409 CONFLICT"]);
  expect(await eventsOf(refused.headers)).toEqual([
    { kind: "user.enabled", outcome: "refused", reason: "namesake", details: {} },
  ]);
  expect(await lookUp(user.login)).toMatchObject({ userStatus: "Disabled" });
  await db.sql`update users set disabled_at = now() where id = ${other.id}`;
  const enabled = await call("PUT", `/v1/users/${user.id}/userStatus`, { userStatus: "Enabled" });
  expect(enabled.status).toBe(200);
});

test("an issue and a disabling at once leave no live grant behind (issue-while-disabling)", async () => {
  for (let round = 0; round < 5; round += 1) {
    const user = await makeUser();
    await Promise.all([
      call("PUT", `/v1/users/${user.id}/emergencyTokencode`, { expirationDays: 1 }),
      call("PUT", `/v1/users/${user.id}/userStatus`, { userStatus: "Disabled" }),
      call("PUT", `/v1/users/${user.id}/emergencyTokencode`, { expirationDays: 1 }),
    ]);
    const live = await db.sql`select 1 from grants where user_id = ${user.id} and ended_at is null`;
    expect(live).toHaveLength(0);
  }
});

test.each<[string, unknown]>([
  ["another status", { userStatus: "Gone" }],
  ["no status", {}],
  ["nothing", undefined],
  ["another property besides", { userStatus: "Enabled", markDeleted: true }],
  ["a list", [{ userStatus: "Enabled" }]],
  ["a number", 7],
  ["a NUL", { userStatus: "Enabled\0" }],
])("userStatus with %s is a bad request, and changes nothing", async (_what, body) => {
  const user = await makeUser();
  const answer = await call("PUT", `/v1/users/${user.id}/userStatus`, body);
  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({ code: "400 BAD_REQUEST", description: expect.any(String) });
});

/** Has a user wait after wrong codes at two places, under login and address. */
async function lockCode(user: { login: string }, email: string): Promise<void> {
  for (const name of [user.login, email])
    await db.sql`insert into throttle (subject_key, source_key, wrong_count, back_off_until)
      values (${toSubjectKey(name)}, ${randomUUID()}, 6, now() + interval '5 minutes')`;
}

async function lockTexts(userId: string, login: string): Promise<void> {
  const { id: grantId } = await insertGrant(db.sql, userId);
  const [attempt] =
    await db.sql`insert into authn_attempt (door, subject_name, subject_key, user_id, expires_at)
    values ('otp_page', ${login}, ${toSubjectKey(login)}, ${userId}, now()) returning id`;
  for (let n = 0; n < 3; n += 1) {
    await db.sql`insert into delivery (purpose, channel, user_id, grant_id, challenge_id, to_e_164, state, created_at)
      values ('otp', 'sms', ${userId}, ${grantId}, gen_random_uuid(), '+12025550177', 'sent', now() - interval '1 minute')`;
    await db.sql`insert into channel_ask (attempt_id, subject_key, source_key, channel, handled_at, outcome)
      values (${attempt?.id}, ${toSubjectKey(login)}, '0', 'sms', now(), 'sent')`;
  }
}

test("methods that too many tries or texts hold back are shown as locked, and unlocked one by one", async () => {
  const user = await makeUser({ sms: "+12025550177" });
  await db.sql`update users set email = 'Locked@Example.com', email_key = 'locked@example.com' where id = ${user.id}`;
  await lockCode(user, "locked@example.com");
  await lockTexts(user.id, user.login);
  expect(await lookUp(user.login)).toMatchObject({
    isTokenLocked: true,
    isSmsLocked: true,
    isVoiceLocked: true,
  });

  const token = await call("PATCH", `/v1/users/${user.id}/methods`, { unlockMethods: ["TOKEN", "TOKEN"] });
  expect([token.status, token.body]).toEqual([
    200,
    {
      id: user.id,
      isTokenLocked: false,
      isSmsLocked: true,
      isVoiceLocked: true,
      isFingerprintLocked: false,
      isApproveLocked: false,
    },
  ]);
  expect(await eventsOf(token.headers)).toEqual([
    {
      kind: "user.unlocked",
      outcome: "ok",
      reason: null,
      details: { methods: "access_code", waits: 2, sends: 0 },
    },
  ]);
  const texts = await call("PATCH", `/v1/users/${user.id}/methods`, {
    unlockMethods: ["SMS", "VOICE"],
    extra: 1,
  });
  expect(texts.body).toMatchObject({ isSmsLocked: false, isVoiceLocked: false });
  expect((await eventsOf(texts.headers))[0]).toMatchObject({ details: { sends: 6 } });
  expect(await lookUp(user.login)).toMatchObject({
    isTokenLocked: false,
    isSmsLocked: false,
    isVoiceLocked: false,
    isFingerprintLocked: false,
    isApproveLocked: false,
  });
});

test("unlocking one user leaves another's waits and sends alone, and the code's own count of wrong tries", async () => {
  const [one, other] = [await makeUser(), await makeUser()];
  await lockCode(other, "other@example.com");
  await lockTexts(other.id, other.login);
  const { grantId } = await issueCode(one.id);
  await db.sql`update access_code set wrong_count = 60 where grant_id = ${grantId}`;
  await call("PATCH", `/v1/users/${one.id}/methods`, { unlockMethods: ["TOKEN", "SMS", "VOICE"] });
  expect(await lookUp(other.login)).toMatchObject({ isTokenLocked: true, isSmsLocked: true });
  const [code] = await db.sql`select wrong_count from access_code where grant_id = ${grantId}`;
  expect(code?.wrong_count).toBe(60);
});

test("who was unlocked may try a code and ask for a text at once", async () => {
  const user = await makeUser({ sms: "+12025550178" });
  const { text } = await issueCode(user.id);
  const authn = await getToken(doors, client, "rsa.mfa.authn");
  const source = Buffer.from(mac("subject", `client\0${client.id}`)).toString("hex");
  await db.sql`insert into throttle (subject_key, source_key, wrong_count, back_off_until)
    values (${toSubjectKey(user.login)}, ${source}, 6, now() + interval '5 minutes')`;
  const signIn = async () => {
    const { body } = await doors.call("POST", "/mfa/v1_1/authn/initialize", {
      headers: { authorization: `Bearer ${authn}` },
      body: {
        clientId: "vpn",
        subjectName: user.login,
        context: { messageId: "1" },
        subjectCredentials: [
          {
            methodId: "EMERGENCY_TOKENCODE",
            collectedInputs: [{ name: "EMERGENCY_TOKENCODE", value: text }],
          },
        ],
      },
    });
    return body.attemptResponseCode;
  };
  expect(await signIn()).toBe("CHALLENGE");
  await call("PATCH", `/v1/users/${user.id}/methods`, { unlockMethods: ["TOKEN"] });
  expect(await signIn()).toBe("SUCCESS");
});

test.each<[string, unknown]>([
  ["none", { unlockMethods: [] }],
  ["an unknown one", { unlockMethods: ["TOKEN", "FIDO"] }],
  ["a word", { unlockMethods: "TOKEN" }],
  ["nothing", {}],
  ["no body", undefined],
  ["hundreds", { unlockMethods: Array(500).fill("SMS") }],
])("unlocking %s is a bad request", async (_what, body) => {
  const user = await makeUser();
  expect((await call("PATCH", `/v1/users/${user.id}/methods`, body)).status).toBe(400);
});

test("numbers are set in E.123, held for 7 days, and cleared by an empty text", async () => {
  const user = await makeUser({ voice: "+442079460102" });
  const set = await call("PATCH", `/v1/users/${user.id}`, { smsNumber: "+1 202 555 0133", other: true });
  expect([set.status, set.body]).toEqual([
    200,
    { smsNumber: "+1 202 555 0133", voiceNumber: "+44 20 7946 0102" },
  ]);
  const [phone] =
    await db.sql`select changed_by, held_until > now() + interval '167 hours' as held from user_phone
    where user_id = ${user.id} and channel = 'sms'`;
  expect(phone).toEqual({ changed_by: `client:${client.id}`, held: true });
  expect((await eventsOf(set.headers))[0]).toMatchObject({
    kind: "phone.changed",
    details: { channel: "sms", before: null, after: "33" },
  });
  const again = await call("PATCH", `/v1/users/${user.id}`, {
    smsNumber: "+1 (202) 555-0133",
    voiceNumber: "",
  });
  expect([again.status, again.body]).toEqual([200, { smsNumber: "+1 202 555 0133", voiceNumber: null }]);
  expect(await lookUp(user.login)).toMatchObject({ smsNumber: "+1 202 555 0133", voiceNumber: null });
});

test.each<[string, object]>([
  ["no country's code", { smsNumber: "202 555 0133" }],
  ["an extension", { voiceNumber: "+1 202 555 0133 ext. 5" }],
  ["too few digits", { smsNumber: "+1 202" }],
  ["a landline for texts", { smsNumber: "+44 20 7946 0102" }],
  ["a premium number", { voiceNumber: "+19002345678" }],
  ["a country that the policy doesn't allow", { smsNumber: "+49 151 23456789" }],
  ["SQL", { smsNumber: "'; drop table users; --" }],
  ["a NUL", { smsNumber: "+1202555\u00000133" }],
  ["a huge text", { smsNumber: "+".repeat(1000) }],
  ["nulls alone", { smsNumber: null, voiceNumber: null }],
  ["neither", { phone: "+12025550133" }],
])("a number with %s is a bad request, and nothing changes", async (_what, body) => {
  const user = await makeUser({ sms: "+12025550101" });
  const answer = await call("PATCH", `/v1/users/${user.id}`, body);
  expect([answer.status, answer.body.code]).toEqual([400, "400 BAD_REQUEST"]);
  expect(answer.text).not.toContain("0133");
  expect((await lookUp(user.login)).smsNumber).toBe("+1 202 555 0101");
});

test("of two numbers both change or none, and the log says which was refused", async () => {
  const user = await makeUser({ sms: "+12025550101" });
  const answer = await call("PATCH", `/v1/users/${user.id}`, {
    smsNumber: "+1 202 555 0144",
    voiceNumber: "+1 900 234 5678",
  });
  expect([answer.status, answer.body.description]).toEqual([
    400,
    "voiceNumber is a premium number or one of the internet",
  ]);
  expect(await lookUp(user.login)).toMatchObject({ smsNumber: "+1 202 555 0101", voiceNumber: null });
  expect(await eventsOf(answer.headers)).toEqual([
    { kind: "phone.changed", outcome: "refused", reason: "number_barred", details: { channel: "voice" } },
  ]);
});

const calls: readonly [string, string, string, object, OauthScope[]][] = [
  ["enable/disable", "PUT", "/userStatus", { userStatus: "Enabled" }, ["rsa.user.manage"]],
  ["unlock", "PATCH", "/methods", { unlockMethods: ["TOKEN"] }, ["rsa.user.factor.manage"]],
  ["phones", "PATCH", "", { smsNumber: "" }, ["rsa.user.manage", "rsa.user.factor.manage"]],
];

test.each(calls)("%s needs its scope, and a user who exists", async (_what, method, path, body, scopes) => {
  const user = await makeUser();
  for (const scope of scopes)
    expect((await call(method, `/v1/users/${user.id}${path}`, body, await withScopes(scope))).status).toBe(
      200,
    );
  const denied = await call(method, `/v1/users/${user.id}${path}`, body, await without(...scopes));
  expect([denied.status, denied.body.error]).toEqual([403, "Forbidden"]);
  expect(await eventsOf(denied.headers)).toMatchObject([{ kind: "access.denied", outcome: "denied" }]);
  for (const id of [randomUUID(), "nobody", "%00", "..%2f", "' or 1=1", "%0d%0aX: y"]) {
    const missing = await call(method, `/v1/users/${id}${path}`, body);
    expect([id, missing.status, missing.body.code]).toEqual([id, 404, "404 NOT_FOUND"]);
  }
});

test("a key of the role helpdesk unlocks, and changes neither status nor numbers; integration neither", async () => {
  for (const role of ["helpdesk", "integration"] as const) {
    const token = await makeLegacyToken(role);
    const user = await makeUser();
    const status = async (method: string, path: string, body: object) =>
      (await call(method, `/v1/users/${user.id}${path}`, body, token)).status;
    expect(await status("PATCH", "/methods", { unlockMethods: ["TOKEN"] })).toBe(200);
    expect(await status("PUT", "/userStatus", { userStatus: "Disabled" })).toBe(403);
    expect(await status("PATCH", "", { smsNumber: "+12025550133" })).toBe(403);
  }
});

test("a program that may change numbers but not read them sees only what it set", async () => {
  const user = await makeUser({ voice: "+442079460102" });
  const token = await withScopes("rsa.user.factor.manage");
  const { body } = await call("PATCH", `/v1/users/${user.id}`, { smsNumber: "+1 202 555 0155" }, token);
  expect(body).toEqual({ smsNumber: "+1 202 555 0155", voiceNumber: "+44 ••• ••• 0102" });
});

test("JSON that is deep, doubled, broken or not an object is answered in RSA's form, never by a fault (hostile-json)", async () => {
  const user = await makeUser();
  const paths = [
    ["PUT", `/v1/users/${user.id}/userStatus`],
    ["PATCH", `/v1/users/${user.id}/methods`],
    ["PATCH", `/v1/users/${user.id}`],
    ["POST", "/v1/users/lookup"],
    ["POST", "/v2/users/search"],
  ] as const;
  const bodies = [
    `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
    `{"a":`.repeat(10_000),
    '{"__proto__":{"userStatus":"Disabled"}}',
    '{"constructor":{"prototype":{}}}',
    "null",
    '"Disabled"',
    "\u0000",
  ];
  for (const [method, path] of paths)
    for (const body of bodies) {
      const answer = await call(method, path, body);
      expect([path, body.slice(0, 20), answer.status]).toEqual([path, body.slice(0, 20), 400]);
      expect(answer.body.code).toBe("400 BAD_REQUEST");
    }
  const doubled = await call(
    "PUT",
    `/v1/users/${user.id}/userStatus`,
    '{"userStatus":"Gone","userStatus":"Enabled"}',
  );
  expect(doubled.status).toBe(200);
});

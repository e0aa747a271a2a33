import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { createClient } from "@/lib/clients/create";
import { endClient } from "@/lib/clients/end";
import { changePolicy } from "@/lib/policy/change";
import { defaultPolicy } from "@/lib/policy/model";
import { listStatements, openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors, postBeginning, tenMegabytes } from "@/tools/testing/doors";
import { issueCode } from "@/tools/testing/issuing";
import { answerNewestAsk } from "@/tools/testing/otp";
import { insertGrant, insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();

let key = "";
let keyId = "";

async function makeKey(callsPerSecond = 1000) {
  const made = await createClient(staffContext("owner"), { kind: "client_key", name: "vpn", callsPerSecond });
  if (!made.ok || made.kind !== "client_key") throw new Error("no key");
  return made;
}

beforeAll(async () => {
  const made = await makeKey();
  key = made.clientKey;
  keyId = made.client.id;
});

let numbers = 1000;
function makeUser() {
  numbers += 1;
  return insertUser(db.sql, { sms: `+1202555${numbers}`, voice: `+44207946${numbers}` });
}

const post = (call: string, body: unknown, headers: Record<string, string> = { "client-key": key }) =>
  doors.call("POST", `/mfa/v1_1/authn/${call}`, { headers, body });

const initialize = (subjectName: string, more: object = {}) =>
  post("initialize", {
    clientId: "vpn",
    subjectName,
    context: { authnAttemptId: "", messageId: "m-1", inResponseTo: "" },
    ...more,
  });

interface Context {
  authnAttemptId: string;
  messageId: string;
}

const credential = (methodId: string, value?: string | number) => [
  {
    methodId,
    versionId: "1.0.0",
    referenceId: null,
    collectedInputs: value === undefined ? [] : [{ name: methodId, value, dataType: "STRING" }],
  },
];

const verify = (context: Context, methodId: string, value?: string | number) =>
  post("verify", {
    subjectCredentials: credential(methodId, value),
    context: {
      authnAttemptId: context.authnAttemptId,
      messageId: `m-${randomUUID()}`,
      inResponseTo: context.messageId,
    },
  });

/** Each call's events, by the request id that the answer carries. */
const eventsOf = async (headers: Headers) => {
  const rows =
    await db.sql`select kind, outcome, reason from audit_event where request_id = ${headers.get("x-request-id")} order by id`;
  return rows.map(({ kind, outcome, reason }) => [kind, outcome, reason].filter(Boolean).join(" "));
};

const outcome = (body: {
  attemptResponseCode: string;
  attemptReasonCode: string;
  credentialValidationResults: { methodResponseCode: string; methodReasonCode: string }[];
}) => [
  body.attemptResponseCode,
  body.attemptReasonCode,
  ...body.credentialValidationResults.flatMap((result) => [
    result.methodResponseCode,
    result.methodReasonCode,
  ]),
];

const asked = ["CHALLENGE", "AUTHENTICATION_REQUIRED"];
const wrong = [...asked, "FAIL", "VERIFY_ERROR"];
const over = ["FAIL", "VERIFY_ERROR", "FAIL", "VERIFY_ERROR"];
const success = ["SUCCESS", "CREDENTIAL_VERIFIED", "SUCCESS", "CREDENTIAL_VERIFIED"];
const error = ["ERROR", "VERIFY_ERROR"];

const wrongCode = "0000-0000-0000-0000";

test("initialize offers every enabled method, in RSA's form", async () => {
  const { status, body, headers } = await initialize((await makeUser()).login);
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("no-store");
  expect(body.context).toEqual({
    authnAttemptId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    inResponseTo: "m-1",
  });
  expect(outcome(body)).toEqual(asked);
  expect(body.credentialValidationResults).toEqual([]);
  const prompt = {
    promptResourceId: expect.any(String),
    defaultText: expect.any(String),
    formatRegex: null,
    defaultValue: null,
    valueBeingDefined: false,
    sensitive: true,
    minLength: expect.any(Number),
    maxLength: expect.any(Number),
    promptArgs: [],
  };
  const challenge = (methodId: string, displayName: string, valueRequired: boolean) => ({
    methodSetId: null,
    requiredMethods: [
      {
        methodId,
        displayName,
        priority: expect.any(Number),
        versions: [{ versionId: "1.0.0", methodAttributes: [], valueRequired, referenceId: null, prompt }],
      },
    ],
  });
  expect(body.challengeMethods.challenges).toHaveLength(3);
  expect(body.challengeMethods.challenges).toEqual(
    expect.arrayContaining([
      challenge("EMERGENCY_TOKENCODE", "Emergency Tokencode", true),
      challenge("SMS", "SMS Tokencode", false),
      challenge("VOICE", "Voice Tokencode", false),
    ]),
  );
});

test("an access code is verified by one verify, and spent", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const { body: begun } = await initialize(user.login);
  const { body, headers } = await verify(begun.context, "EMERGENCY_TOKENCODE", text);
  expect(outcome(body)).toEqual(success);
  expect(body.challengeMethods.challenges).toEqual([]);
  expect(body.context.authnAttemptId).toBe(begun.context.authnAttemptId);
  expect(await eventsOf(headers)).toEqual(["grant.redeemed ok"]);
  expect(outcome((await verify(body.context, "EMERGENCY_TOKENCODE", text)).body)).toEqual(error);
  const again = await initialize(user.login, { subjectCredentials: credential("EMERGENCY_TOKENCODE", text) });
  expect(outcome(again.body)).toEqual(wrong);
});

test("initialize with credentials verifies in the same call, by an e-mail address too", async () => {
  const user = await makeUser();
  await db.sql`update users set email = 'Ada@Example.com', email_key = 'ada@example.com' where id = ${user.id}`;
  const { text } = await issueCode(user.id);
  const { body, headers } = await initialize("ADA@example.com", {
    subjectCredentials: credential("EMERGENCY_TOKENCODE", text),
  });
  expect(outcome(body)).toEqual(success);
  expect(await eventsOf(headers)).toEqual(["grant.redeemed ok"]);
});

test("after a wrong code in initialize the chain goes on from our answer", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const { body: first } = await initialize(user.login, {
    subjectCredentials: credential("EMERGENCY_TOKENCODE", wrongCode),
  });
  expect(outcome(first)).toEqual(wrong);
  expect(outcome((await verify(first.context, "EMERGENCY_TOKENCODE", text)).body)).toEqual(success);
});

test.each([
  ["SMS", "sms"],
  ["VOICE", "voice"],
] as const)(
  "%s takes two: the first selects and sends, the second brings the value",
  async (methodId, channel) => {
    const user = await makeUser();
    await insertGrant(db.sql, user.id, channel);
    const { body: begun } = await initialize(user.login);
    const { body: selected } = await verify(begun.context, methodId);
    expect(outcome(selected)).toEqual([...asked, ...asked]);
    const challenge = selected.challengeMethods.challenges.find(
      (each: { requiredMethods: { methodId: string }[] }) => each.requiredMethods[0]?.methodId === methodId,
    );
    expect(challenge.requiredMethods[0].versions[0].valueRequired).toBe(true);
    expect(await answerNewestAsk(db.sql, begun.context.authnAttemptId, "135790")).toBe("sent");
    const { body, headers } = await verify(selected.context, methodId, 135790);
    expect(outcome(body)).toEqual(success);
    expect(await eventsOf(headers)).toEqual(["grant.redeemed ok"]);
  },
);

test("a selection may stand in initialize, with an empty value or an empty-string input", async () => {
  const user = await makeUser();
  await insertGrant(db.sql, user.id);
  const { body } = await initialize(user.login, { subjectCredentials: credential("SMS", "") });
  expect(outcome(body)).toEqual([...asked, ...asked]);
  expect(await answerNewestAsk(db.sql, body.context.authnAttemptId, "000123")).toBe("sent");
  expect(outcome((await verify(body.context, "SMS", "000123")).body)).toEqual(success);
});

test("a wrong OTP with tries left is a challenge, without tries left a fail", async () => {
  const user = await makeUser();
  await insertGrant(db.sql, user.id);
  let { body } = await initialize(user.login, { subjectCredentials: credential("SMS") });
  await answerNewestAsk(db.sql, body.context.authnAttemptId, "111111");
  const outcomes = [];
  for (let i = 0; i < 4; i += 1) {
    ({ body } = await verify(body.context, "SMS", "000000"));
    outcomes.push(outcome(body));
  }
  expect(outcomes).toEqual([wrong, wrong, over, error]);
});

test("a wrong inResponseTo is an error, also after a wrong code, and the chain goes on unharmed", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const { body: begun } = await initialize(user.login);
  const stray = await verify({ ...begun.context, messageId: randomUUID() }, "EMERGENCY_TOKENCODE", text);
  expect(outcome(stray.body)).toEqual(error);
  expect(await eventsOf(stray.headers)).toEqual(["attempt.refused refused out_of_turn"]);
  const { body: second } = await verify(begun.context, "EMERGENCY_TOKENCODE", wrongCode);
  expect(outcome(second)).toEqual(wrong);
  expect(outcome((await verify(begun.context, "EMERGENCY_TOKENCODE", text)).body)).toEqual(error);
  expect(outcome((await verify(second.context, "EMERGENCY_TOKENCODE", text)).body)).toEqual(success);
});

test("message-replay: of 10 times the same verify at once one is judged", async () => {
  const user = await makeUser();
  await insertGrant(db.sql, user.id);
  const { body: begun } = await initialize(user.login, { subjectCredentials: credential("SMS") });
  await answerNewestAsk(db.sql, begun.context.authnAttemptId, "222222");
  const answers = await Promise.all(Array.from({ length: 10 }, () => verify(begun.context, "SMS", "222222")));
  expect(answers.filter(({ body }) => body.attemptResponseCode === "SUCCESS")).toHaveLength(1);
  expect(answers.filter(({ body }) => body.attemptResponseCode === "ERROR")).toHaveLength(9);
});

test("another client's attempt and an unknown one are errors alike", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const { body: begun } = await initialize(user.login);
  const other = (await makeKey()).clientKey;
  const message = {
    subjectCredentials: credential("EMERGENCY_TOKENCODE", text),
    context: {
      authnAttemptId: begun.context.authnAttemptId,
      messageId: "x",
      inResponseTo: begun.context.messageId,
    },
  };
  expect(outcome((await post("verify", message, { "client-key": other })).body)).toEqual(error);
  for (const authnAttemptId of [randomUUID(), "", "nonsense", "'; drop table users"])
    expect(
      outcome((await post("verify", { ...message, context: { ...message.context, authnAttemptId } })).body),
    ).toEqual(error);
});

test("an expired attempt is an error", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const { body: begun } = await initialize(user.login, { authnAttemptTimeout: "30" });
  const [row] =
    await db.sql`select extract(epoch from expires_at - created_at)::int as seconds from authn_attempt where id = ${begun.context.authnAttemptId}`;
  expect(row?.seconds).toBe(30);
  await db.sql`update authn_attempt set expires_at = now() - interval '1 millisecond' where id = ${begun.context.authnAttemptId}`;
  expect(outcome((await verify(begun.context, "EMERGENCY_TOKENCODE", text)).body)).toEqual(error);
});

test("50 parallel redemptions of one single-use code: exactly one passes", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      initialize(user.login, { subjectCredentials: credential("EMERGENCY_TOKENCODE", text) }),
    ),
  );
  expect(answers.filter(({ body }) => body.attemptResponseCode === "SUCCESS")).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(50);
});

/** An answer without what differs from call to call. */
const bare = ({ status, body }: { status: number; body: object }) => ({
  status,
  body: { ...body, context: { inResponseTo: "" } },
});

async function runCourse(name: string, methodId: string, value: string) {
  const answers = [await initialize(name)];
  for (const next of methodId === "EMERGENCY_TOKENCODE"
    ? [value, value]
    : [undefined, value, undefined, value, value])
    answers.push(await verify(answers.at(-1)!.body.context, methodId, next));
  return answers.map(bare);
}

test.each([
  ["EMERGENCY_TOKENCODE", wrongCode],
  ["EMERGENCY_TOKENCODE", "mistyped"],
  ["SMS", "000000"],
  ["VOICE", "000000"],
])("who exists is not told: %s with %s runs the same course for all", async (methodId, value) => {
  const open = await makeUser();
  await issueCode(open.id);
  await insertGrant(db.sql, open.id, "sms");
  await insertGrant(db.sql, open.id, "voice");
  const none = await makeUser();
  const disabled = await makeUser();
  await issueCode(disabled.id);
  await db.sql`update users set disabled_at = now() where id = ${disabled.id}`;
  const expected = await runCourse(open.login, methodId, value);
  for (const name of [none.login, disabled.login, `nobody-${randomUUID()}`, "💥‮"])
    expect(await runCourse(name, methodId, value)).toEqual(expected);
});

/** What is read again every few seconds, whoever is asked about. */
const isOfTheClock = (statement: string) => /public_jwk|policy_version/.test(statement);

test("who exists is not told by work either: the same statements for all", async () => {
  const open = await makeUser();
  await issueCode(open.id);
  await insertGrant(db.sql, open.id);
  const names = [open.login, (await makeUser()).login, `nobody-${randomUUID()}`];
  for (const [methodId, first, second] of [
    ["EMERGENCY_TOKENCODE", wrongCode, wrongCode],
    ["SMS", undefined, "000000"],
  ] as const) {
    const courses: string[][] = [];
    for (const name of names) {
      const statements = await listStatements(async () => {
        const { body: begun } = await initialize(name);
        const { body: next } = await verify(begun.context, methodId, first);
        await verify(next.context, methodId, second);
      });
      courses.push(statements.filter((statement) => !isOfTheClock(statement)));
    }
    expect(courses[0]?.length).toBeGreaterThan(5);
    expect(courses[1]).toEqual(courses[0]);
    expect(courses[2]).toEqual(courses[0]);
  }
});

test("status tells once, and only after keepAttempt", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const sessionAttributes = [{ name: "app", value: "vpn", dataType: "STRING" }];
  const { body } = await initialize(user.login, {
    keepAttempt: "true",
    assurancePolicyId: "p-1",
    sessionAttributes,
    subjectCredentials: credential("EMERGENCY_TOKENCODE", text),
  });
  const message = { authnAttemptId: body.context.authnAttemptId, removeAttemptId: true };
  expect((await post("status", message)).body).toEqual({
    attemptResponseCode: "SUCCESS",
    attemptReasonCode: "CREDENTIAL_VERIFIED",
    subjectName: user.login,
    authnPolicyId: "p-1",
    sessionAttributes,
    successfulMethods: ["EMERGENCY_TOKENCODE"],
    attemptExpires: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
  expect((await post("status", message)).body.attemptResponseCode).toBe("ERROR");
  const { body: unkept } = await initialize(user.login);
  expect(
    (await post("status", { authnAttemptId: unkept.context.authnAttemptId })).body.attemptResponseCode,
  ).toBe("ERROR");
});

test("a cancelled attempt takes nothing any more", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const { body: begun } = await initialize(user.login);
  const message = {
    reason: "USER_ACTION",
    authnAttemptId: begun.context.authnAttemptId,
    removeAttemptId: false,
  };
  const cancelled = await post("cancel", message);
  expect(outcome(cancelled.body)).toEqual(["FAIL", "AUTHENTICATION_REQUIRED"]);
  expect(await eventsOf(cancelled.headers)).toEqual(["attempt.cancelled ok"]);
  expect(outcome((await verify(begun.context, "EMERGENCY_TOKENCODE", text)).body)).toEqual(error);
  expect(outcome((await post("cancel", message)).body)).toEqual(error);
});

test("too many wrong codes: a challenge with the time to wait, for known names and others", async () => {
  for (const name of [(await makeUser()).login, `nobody-${randomUUID()}`]) {
    for (let i = 0; i < 5; i += 1)
      await initialize(name, { subjectCredentials: credential("EMERGENCY_TOKENCODE", wrongCode) });
    const { status, body, headers } = await initialize(name, {
      subjectCredentials: credential("EMERGENCY_TOKENCODE", wrongCode),
    });
    expect(status).toBe(200);
    expect(outcome(body)).toEqual(wrong);
    expect(headers.get("retry-after")).toBe("30");
  }
});

test.each([
  ["no key", {}],
  ["a wrong key", { "client-key": "wrong" }],
  ["an empty key", { "client-key": "" }],
])("%s is answered 403 in RSA's form, whatever is called", async (_what, headers) => {
  for (const path of ["initialize", "verify", "nonsense"]) {
    const answer = await post(path, {}, headers as Record<string, string>);
    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({
      timestamp: expect.any(Number),
      status: 403,
      error: "Forbidden",
      message: "Access Denied",
      path: `/mfa/v1_1/authn/${path}`,
    });
    expect(await eventsOf(answer.headers)).toEqual([expect.stringMatching(/^client\.refused refused/)]);
  }
});

test("an ended key opens nothing any more", async () => {
  const made = await makeKey();
  const headers = { "client-key": made.clientKey };
  const message = { subjectName: "x", context: { messageId: "1" } };
  expect((await post("initialize", message, headers)).status).toBe(200);
  await endClient(staffContext("owner"), { clientId: made.client.id });
  expect((await post("initialize", message, headers)).status).toBe(403);
});

test("more calls a second than the client may make are answered 429 with the time to wait", async () => {
  const { clientKey } = await makeKey(3);
  const answers = await Promise.all(
    Array.from({ length: 9 }, () => post("status", { authnAttemptId: "" }, { "client-key": clientKey })),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(3);
  expect(refused[0]?.headers.get("retry-after")).toBe("1");
  expect(refused[0]?.body).toEqual({ code: "429 TOO_MANY_REQUESTS", description: "Too many requests" });
});

test("what is lenient: unknown fields, numbers as strings, a slash at the end, methods in any case", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const answer = await doors.call("POST", "/mfa/v1_1/authn/initialize/", {
    headers: { "client-key": key },
    body: {
      clientId: "vpn",
      subjectName: user.login,
      authnAttemptTimeout: "180",
      assuranceLevel: null,
      clientDetails: { browser: { deep: [1, [2, [3]]] } },
      unknown: { x: 1 },
      lang: "en_US",
      context: { messageId: 4711, extra: true },
      subjectCredentials: [
        { methodId: "emergency_tokencode", collectedInputs: [{ name: "emergency_tokencode", value: text }] },
      ],
    },
  });
  expect(outcome(answer.body)).toEqual(success);
  expect(answer.body.context.inResponseTo).toBe("4711");
});

test.each<[string, unknown, number]>([
  ["no JSON", "{", 400],
  ["an empty body", "", 400],
  ["null", "null", 400],
  ["an array", "[]", 400],
  ["no name", { context: { messageId: "1" } }, 400],
  ["an empty name", { subjectName: " ", context: { messageId: "1" } }, 400],
  ["a name with NUL", { subjectName: "a\0", context: { messageId: "1" } }, 400],
  ["a name of 400 characters", { subjectName: "x".repeat(400), context: { messageId: "1" } }, 400],
  ["a name that is an object", { subjectName: { $ne: null }, context: { messageId: "1" } }, 400],
  ["no message id", { subjectName: "a", context: {} }, 400],
  ["a message id with NUL", { subjectName: "a", context: { messageId: "\0" } }, 400],
  [
    "a method that we don't have",
    { subjectName: "a", context: { messageId: "1" }, subjectCredentials: credential("FIDO") },
    400,
  ],
  ["a poisoned prototype", '{"__proto__":{"x":1},"subjectName":"a","context":{"messageId":"1"}}', 400],
  [
    "30,000 brackets",
    `{"subjectName":"a","context":{"messageId":"1"},"x":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
    200,
  ],
  [
    "30,000 brackets where they are kept",
    `{"subjectName":"a","context":{"messageId":"1"},"sessionAttributes":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
    400,
  ],
  ["empty ids", { subjectName: "a", context: { messageId: "", authnAttemptId: "", inResponseTo: "" } }, 200],
  ["a name of 300 characters", { subjectName: "x".repeat(300), context: { messageId: "1" } }, 200],
  [
    "a name of emoji and marks of direction",
    { subjectName: "💥\u202eada\u200f", context: { messageId: "1" } },
    200,
  ],
  ["half a surrogate", '{"subjectName":"\\ud800","context":{"messageId":"\\udfff"}}', 200],
])("%s is answered cleanly", async (_what, message, status) => {
  const answer = await post("initialize", message);
  expect(answer.status).toBe(status);
  if (status === 400)
    expect(answer.body).toEqual({ code: "400 BAD_REQUEST", description: expect.any(String) });
});

test("a value with NUL, emoji or 10,000 characters is a wrong code or no message, never a fault", async () => {
  const { body } = await initialize((await makeUser()).login);
  let context = body.context;
  for (const value of ["\0", "💥", "\u202e123456", "１２３４５６"]) {
    const answer = await verify(context, "EMERGENCY_TOKENCODE", value);
    expect(outcome(answer.body)).toEqual(wrong);
    context = answer.body.context;
  }
  expect((await verify(context, "SMS", "9".repeat(10_000))).status).toBe(400);
});

test("a body of 10 MB is refused before it is read, another content type too", async () => {
  const headers = { ...tenMegabytes, "client-key": key };
  const big = await postBeginning(`${doors.url}/mfa/v1_1/authn/initialize`, headers, '{"subjectName":"x');
  expect(big).toEqual({
    status: 413,
    body: { code: "413 PAYLOAD_TOO_LARGE", description: "The body is too large" },
  });
  const typed = await doors.call("POST", "/mfa/v1_1/authn/initialize", {
    headers: { "client-key": key, "content-type": "text/plain" },
    body: "x",
  });
  expect(typed.status).toBe(415);
  expect(typed.body.code).toBe("415 UNSUPPORTED_MEDIA_TYPE");
  expect((await initialize("still-there")).status).toBe(200);
});

test("what the door does not know is answered 404 to who may call", async () => {
  const answer = await post("nonsense", {});
  expect([answer.status, answer.body]).toEqual([
    404,
    { code: "404 NOT_FOUND", description: "No such resource" },
  ]);
});

test("the log says which client it was, and holds neither code nor name", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const { headers } = await initialize(user.login, {
    subjectCredentials: credential("EMERGENCY_TOKENCODE", text),
  });
  const events =
    await db.sql`select e.actor_kind, e.actor_id, e::text as line, p.actor_label from audit_event e join audit_personal p on p.event_id = e.id where request_id = ${headers.get("x-request-id")}`;
  expect(events.length).toBe(1);
  for (const event of events) {
    expect(event).toMatchObject({ actor_kind: "client", actor_id: keyId, actor_label: "vpn" });
    expect(event.line).not.toContain(text);
    expect(event.line).not.toContain(user.login);
  }
});

test("a method that the policy switched off for all is offered to nobody", async () => {
  const changed = await changePolicy(staffContext("owner"), {
    expectedVersion: 0,
    policy: { ...defaultPolicy, methodsOff: ["voice"] },
  });
  expect(changed.ok).toBe(true);
  const { body } = await initialize((await makeUser()).login);
  const offered = body.challengeMethods.challenges.map(
    (each: { requiredMethods: { methodId: string }[] }) => each.requiredMethods[0]?.methodId,
  );
  expect(offered.sort()).toEqual(["EMERGENCY_TOKENCODE", "SMS"]);
});

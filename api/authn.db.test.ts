import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { changePolicy } from "@/lib/policy/change";
import { defaultPolicy } from "@/lib/policy/model";
import {
  asked,
  credential,
  makeClientKey,
  openAuthnApi,
  outcome,
  success,
  wrong,
  wrongCode,
} from "@/tools/testing/authn-api";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { eventLinesOf } from "@/tools/testing/events";
import { issueCode } from "@/tools/testing/issuing";
import { answerNewestAsk } from "@/tools/testing/otp";
import { insertGrant, insertReachable } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const api = openAuthnApi(doors);
const { post, initialize, verify } = api;
const makeUser = () => insertReachable(db.sql);

const over = ["FAIL", "VERIFY_ERROR", "FAIL", "VERIFY_ERROR"];
const error = ["ERROR", "VERIFY_ERROR"];

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
  expect(await eventLinesOf(db.sql, headers)).toEqual(["grant.redeemed ok"]);
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
  expect(await eventLinesOf(db.sql, headers)).toEqual(["grant.redeemed ok"]);
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
    expect(await eventLinesOf(db.sql, headers)).toEqual(["grant.redeemed ok"]);
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
  expect(await eventLinesOf(db.sql, stray.headers)).toEqual(["attempt.refused refused out_of_turn"]);
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
  const other = (await makeClientKey()).key;
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
  expect(await eventLinesOf(db.sql, cancelled.headers)).toEqual(["attempt.cancelled ok"]);
  expect(outcome((await verify(begun.context, "EMERGENCY_TOKENCODE", text)).body)).toEqual(error);
  expect(outcome((await post("cancel", message)).body)).toEqual(error);
});

test("what is lenient: unknown fields, numbers as strings, a slash at the end, methods in any case", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const answer = await doors.call("POST", "/mfa/v1_1/authn/initialize/", {
    headers: { "client-key": api.key },
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
    expect(event).toMatchObject({ actor_kind: "client", actor_id: api.keyId, actor_label: "vpn" });
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

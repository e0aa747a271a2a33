import { expect, test } from "vitest";
import { endClient } from "@/lib/clients/end";
import { credential, makeClientKey, openAuthnApi, outcome, wrong } from "@/tools/testing/authn-api";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors, postBeginning, tenMegabytes } from "@/tools/testing/doors";
import { eventLinesOf } from "@/tools/testing/events";
import { insertReachable } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const api = openAuthnApi(doors);
const { post, initialize, verify } = api;
const makeUser = () => insertReachable(db.sql);

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
    expect(await eventLinesOf(db.sql, answer.headers)).toEqual([
      expect.stringMatching(/^client\.refused refused/),
    ]);
  }
});

test("an ended key opens nothing any more", async () => {
  const made = await makeClientKey();
  const headers = { "client-key": made.key };
  const message = { subjectName: "x", context: { messageId: "1" } };
  expect((await post("initialize", message, headers)).status).toBe(200);
  await endClient(staffContext("owner"), { clientId: made.id });
  expect((await post("initialize", message, headers)).status).toBe(403);
});

test("more calls a second than the client may make are answered 429 with the time to wait", async () => {
  const { key } = await makeClientKey(3);
  const answers = await Promise.all(
    Array.from({ length: 9 }, () => post("status", { authnAttemptId: "" }, { "client-key": key })),
  );
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(3);
  expect(refused[0]?.headers.get("retry-after")).toBe("1");
  expect(refused[0]?.body).toEqual({ code: "429 TOO_MANY_REQUESTS", description: "Too many requests" });
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
  const headers = { ...tenMegabytes, "client-key": api.key };
  const big = await postBeginning(`${doors.url}/mfa/v1_1/authn/initialize`, headers, '{"subjectName":"x');
  expect(big).toEqual({
    status: 413,
    body: { code: "413 PAYLOAD_TOO_LARGE", description: "The body is too large" },
  });
  const typed = await doors.call("POST", "/mfa/v1_1/authn/initialize", {
    headers: { "client-key": api.key, "content-type": "text/plain" },
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

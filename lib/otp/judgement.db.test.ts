import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { judge } from "@/tools/testing/judge";
import { insertChallenge } from "@/tools/testing/otp";
import { insertGrant, insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();

async function begin(digits = "123456", bound = true) {
  const { id: userId } = await insertUser(db.sql);
  const { id: grantId } = await insertGrant(db.sql, userId);
  const attemptId = randomUUID();
  const challengeId = await insertChallenge(
    db.sql,
    { userId, grantId, channel: "sms", attemptId: bound ? attemptId : null },
    digits,
  );
  return { userId, grantId, attemptId, challengeId };
}

type Begun = { userId: string; attemptId: string };
const present = (begun: Begun, digits: string, attemptId = begun.attemptId) =>
  judge({ userId: begun.userId, channel: "sms", attemptId, digits });

test("right digits are accepted once", async () => {
  const begun = await begin();
  const { grantId, challengeId } = begun;
  expect(await present(begun, "123 456")).toMatchObject({ reason: null, grantId, challengeId });
  expect(await present(begun, "123456")).toMatchObject({ reason: "spent" });
});

test("judge-twice: of 20 right answers at once exactly one passes", async () => {
  const begun = await begin();
  const answers = await Promise.all(Array.from({ length: 20 }, () => present(begun, "123456")));
  const reasons = answers.map((answer) => answer.reason ?? "right").sort();
  expect(reasons).toEqual(["right", ...Array(19).fill("spent")]);
});

test("three wrong tries and the challenge is dead, also for the right digits (ASVS 6.6.3)", async () => {
  const begun = await begin();
  expect(await present(begun, "000000")).toMatchObject({ reason: "wrong" });
  expect(await present(begun, "000001")).toMatchObject({ reason: "wrong" });
  expect(await present(begun, "000002")).toMatchObject({ reason: "tried_out" });
  expect(await present(begun, "123456")).toMatchObject({ reason: "tried_out" });
});

test("guess-in-parallel: 40 guesses at once count three and no more, and the right one among the rest is no use", async () => {
  const begun = await begin("000039");
  await Promise.all(Array.from({ length: 39 }, (_, guess) => present(begun, String(guess).padStart(6, "0"))));
  const [row] = await db.sql`select wrong_count, end_reason from challenge where id = ${begun.challengeId}`;
  expect(row).toEqual({ wrong_count: 3, end_reason: "tried_out" });
  expect(await present(begun, "000039")).toMatchObject({ reason: "tried_out" });
});

test("the database's clock ends a challenge, not ours", async () => {
  const begun = await begin();
  await db.sql`update challenge set created_at = now() - interval '5 minutes', expires_at = now() - interval '1 millisecond' where id = ${begun.challengeId}`;
  expect(await present(begun, "123456")).toMatchObject({ reason: "expired" });
});

test("digits are no use once the grant has ended or its window is over", async () => {
  const ended = await begin();
  await db.sql`update grants set ended_at = now(), ended_as = 'revoked' where id = ${ended.grantId}`;
  expect(await present(ended, "123456")).toMatchObject({ reason: "expired" });
  const over = await begin();
  await db.sql`update grants set starts_at = now() - interval '1 hour', expires_at = now() - interval '1 millisecond' where id = ${over.grantId}`;
  expect(await present(over, "123456")).toMatchObject({ reason: "expired" });
});

test("another attempt's digits are refused, and another attempt does not kill them", async () => {
  const begun = await begin();
  for (let guess = 0; guess < 5; guess += 1) {
    expect(await present(begun, "123456", randomUUID())).toMatchObject({ reason: "none" });
  }
  expect(await present(begun, "123456")).toMatchObject({ reason: null });
});

test("another user's digits are refused", async () => {
  const begun = await begin();
  const other = await begin("654321");
  expect(await present({ userId: other.userId, attemptId: begun.attemptId }, "123456")).toMatchObject({
    reason: "none",
  });
  expect(await present(other, "123456")).toMatchObject({ reason: "wrong" });
});

test("a code that the desk sent belongs to the first attempt that presents it", async () => {
  const begun = await begin("123456", false);
  expect(await present(begun, "123456")).toMatchObject({ reason: null });
  const [row] = await db.sql`select attempt_id from challenge where id = ${begun.challengeId}`;
  expect(row).toEqual({ attempt_id: begun.attemptId });
  expect(await present(begun, "123456", randomUUID())).toMatchObject({ reason: "none" });
});

test("guess-across-attempts: wrong tries of any attempt kill a code that the desk sent", async () => {
  const begun = await begin("123456", false);
  for (const reason of ["wrong", "wrong", "tried_out"]) {
    expect(await present(begun, "000000", randomUUID())).toMatchObject({ reason });
  }
  expect(await present(begun, "123456")).toMatchObject({ reason: "tried_out" });
});

test("beside its own code an attempt may present the desk's, and a wrong try counts against both", async () => {
  const begun = await begin("123456");
  const desk = await insertChallenge(db.sql, { ...begun, channel: "sms", attemptId: null }, "777777");
  expect(await present(begun, "000000")).toMatchObject({ reason: "wrong" });
  const counts = await db.sql`select wrong_count from challenge where id in (${desk}, ${begun.challengeId})`;
  expect(counts).toEqual([{ wrong_count: 1 }, { wrong_count: 1 }]);
  expect(await present(begun, "777777")).toMatchObject({ reason: null, challengeId: desk });
});

test("nobody there is judged by the same statement, and found to have none", async () => {
  const nobody = { userId: null, channel: "sms" as const, attemptId: randomUUID(), digits: "123456" };
  expect(await judge(nobody)).toEqual({ reason: "none", grantId: null, challengeId: null });
});

test.each(["", "12345", "1234567", "abcdef", "12345\u0000", "🎉🎉🎉🎉🎉🎉", "' or 1=1 --"])(
  "what isn't six digits is wrong, not a fault: %j",
  async (typed) => {
    expect(await present(await begin(), typed)).toMatchObject({ reason: "wrong" });
  },
);

import { expect, test } from "vitest";
import { issueGrant } from "@/lib/grants/issue";
import { beginPage, type PageAttempt } from "@/tools/testing/attempt";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { expectIssued, insertPerson, issueCode, wish } from "@/tools/testing/issuing";
import { answerNewestAsk, setDigits } from "@/tools/testing/otp";
import { loginOf } from "@/tools/testing/rows";
import { findLocks } from "./find-locks";
import { proveAttempt } from "./prove";
import { selectChannel } from "./select-channel";
import { unlockMethods } from "./unlock";

const db = openTestDatabase();

const begin = async (userId: string) => beginPage(await loginOf(db.sql, userId));

async function ask(attempt: PageAttempt) {
  expect(await selectChannel(publicContext(), { ...attempt, channel: "sms" })).toMatchObject({ ok: true });
  return answerNewestAsk(db.sql, attempt.attemptId);
}

const countTexts = async (userId: string) =>
  (await db.sql`select 1 from delivery where user_id = ${userId} and purpose = 'otp'`).length;

test("what the desk just sent is what the user asks for: no second text goes out, and its digits let them in", async () => {
  const userId = await insertPerson(db.sql);
  expectIssued(await issueGrant(staffContext(), wish(userId, { method: "sms", sendNow: true })));
  const attempt = await begin(userId);
  expect(await ask(attempt)).toBe("too_soon");
  expect(await countTexts(userId)).toBe(1);
  const [challenge] = await db.sql`select id from challenge where user_id = ${userId}`;
  await setDigits(db.sql, challenge?.id, "314159");
  expect(await proveAttempt(publicContext(), { ...attempt, method: "sms", value: "314159" })).toMatchObject({
    ok: true,
  });
});

test.each([
  [
    "is half a minute old",
    (userId: string) =>
      db.sql`update challenge set created_at = created_at - interval '31 seconds' where user_id = ${userId}`,
  ],
  [
    "failed",
    (userId: string) =>
      db.sql`update delivery set state = 'failed', failure = 'undeliverable', ended_at = now() where user_id = ${userId} and purpose = 'otp'`,
  ],
  [
    "was used",
    (userId: string) =>
      db.sql`update challenge set spent_at = now(), code_hmac = ${Buffer.alloc(32)}, key_id = 'k' where user_id = ${userId}`,
  ],
])("where the desk's text %s the user's own goes out", async (_, change) => {
  const userId = await insertPerson(db.sql);
  expectIssued(await issueGrant(staffContext(), wish(userId, { method: "sms", sendNow: true })));
  await change(userId);
  expect(await ask(await begin(userId))).toBe("sent");
  expect(await countTexts(userId)).toBe(2);
});

test("the desk sees that a user must wait after wrong codes, and lets them go on", async () => {
  const userId = await insertPerson(db.sql);
  const { text } = await issueCode(userId);
  const none = { access_code: false, sms: false, voice: false };
  expect(await findLocks(staffContext(), { userId })).toEqual(none);
  const { text: other } = await issueCode(await insertPerson(db.sql));
  const prove = async (value: string) =>
    proveAttempt(publicContext(), { ...(await begin(userId)), method: "access_code", value });
  for (let wrong = 0; wrong < 5; wrong += 1) await prove(other);
  expect(await prove(text)).toMatchObject({ reason: "throttled" });
  expect(await findLocks(staffContext(), { userId })).toEqual({ ...none, access_code: true });
  await unlockMethods(staffContext(), { userId, methods: ["access_code"] });
  expect(await findLocks(staffContext(), { userId })).toEqual(none);
  expect(await prove(text)).toMatchObject({ ok: true });
  await expect(findLocks(publicContext(), { userId })).rejects.toMatchObject({ name: "Denied" });
});

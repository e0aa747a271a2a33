import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { beginPage } from "@/tools/testing/attempt";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { answerNewestAsk } from "@/tools/testing/otp";
import { insertGrant, insertReachable } from "@/tools/testing/rows";
import { proveAttempt } from "./prove";
import { readAttempt } from "./read";
import { selectChannel } from "./select-channel";

const db = openTestDatabase();
const makeUser = () => insertReachable(db.sql);

const answerNewest = (attemptId: string, digits?: string) => answerNewestAsk(db.sql, attemptId, digits);

/** A wait is counted from the moment before: the one thing that differs from course to course. */
function withoutWait(result: unknown): unknown {
  return typeof result === "object" && result !== null && "retryAfterSeconds" in result
    ? { ...result, retryAfterSeconds: 0 }
    : result;
}

test("a name that nobody has, a disabled user's and one without a grant run the same course to the same end", async () => {
  const withGrant = await makeUser();
  await insertGrant(db.sql, withGrant.id);
  const without = await makeUser();
  const disabled = await makeUser();
  await insertGrant(db.sql, disabled.id);
  await db.sql`update users set disabled_at = now() where id = ${disabled.id}`;
  const courses = [];
  for (const name of [withGrant.login, without.login, disabled.login, `nobody-${randomUUID()}`]) {
    const attempt = await beginPage(name);
    const results: unknown[] = [await selectChannel(publicContext(), { ...attempt, channel: "sms" })];
    await answerNewest(attempt.attemptId);
    results.push(await selectChannel(publicContext(), { ...attempt, channel: "sms" }));
    for (let i = 0; i < 4; i += 1)
      results.push(await proveAttempt(publicContext(), { ...attempt, method: "sms", value: "000000" }));
    const view = await readAttempt(publicContext(), attempt);
    expect(view?.resendInSeconds).toBeGreaterThan(20);
    results.push({ ...view, attemptId: "", subjectName: "", expiresAt: "", resendInSeconds: 0 });
    courses.push(results.map((result) => withoutWait(result)));
  }
  expect(courses[0]?.slice(0, 6)).toMatchObject([
    { ok: true },
    { reason: "too_soon", retryAfterSeconds: 0 },
    { reason: "wrong", triesLeft: 2 },
    { reason: "wrong", triesLeft: 1 },
    { reason: "failed" },
    { reason: "gone" },
  ]);
  for (const course of courses.slice(1)) expect(course).toEqual(courses[0]);
});

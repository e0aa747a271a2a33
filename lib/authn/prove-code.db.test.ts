import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Context } from "@/lib/platform/context";
import { beginPage, type PageAttempt } from "@/tools/testing/attempt";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { issueCode } from "@/tools/testing/issuing";
import { insertUser } from "@/tools/testing/rows";
import { proveAttempt } from "./prove";

const db = openTestDatabase();

const makeUser = () => insertUser(db.sql);

const prove = (attempt: PageAttempt, value: string, ctx: Context = publicContext()) =>
  proveAttempt(ctx, { ...attempt, method: "access_code", value });

/** A well-formed code of nobody: its check symbol is right. */
const wrongCode = "0000-0000-0000-0000";

test("an access code proves the attempt, spends the grant and says so in the log, all in step", async () => {
  const user = await makeUser();
  const code = await issueCode(user.id);
  const attempt = await beginPage(user.login);
  const ctx = publicContext();
  expect(await prove(attempt, code.text.toLowerCase(), ctx)).toEqual({
    ok: true,
    userId: user.id,
    grantId: code.grantId,
    method: "access_code",
  });
  const events =
    await db.sql`select kind, outcome, grant_id, user_id from audit_event where request_id = ${ctx.requestId} order by id`;
  expect(events).toEqual([
    { kind: "grant.redeemed", outcome: "ok", grant_id: code.grantId, user_id: user.id },
  ]);
  const [row] =
    await db.sql`select state, method, grant_id from authn_attempt where id = ${attempt.attemptId}`;
  expect(row).toEqual({ state: "succeeded", method: "access_code", grant_id: code.grantId });
  expect(await prove(attempt, code.text)).toEqual({ ok: false, reason: "gone" });
});

test("redeem-twice: 20 attempts with one single-use code at once, exactly one gets in", async () => {
  const user = await makeUser();
  const code = await issueCode(user.id);
  const attempts = await Promise.all(Array.from({ length: 20 }, () => beginPage(user.login)));
  const results = await Promise.all(attempts.map((attempt) => prove(attempt, code.text)));
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  const states = await db.sql`select 1 from authn_attempt where user_id = ${user.id} and state = 'succeeded'`;
  expect(states).toHaveLength(1);
});

test("an attempt takes one use of a code that has many, however often it is presented at once", async () => {
  const user = await makeUser();
  const code = await issueCode(user.id);
  await db.sql`update grants set uses_max = null where id = ${code.grantId}`;
  const attempt = await beginPage(user.login);
  const results = await Promise.all(Array.from({ length: 5 }, () => prove(attempt, code.text)));
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  const [grant] = await db.sql`select uses_count from grants where id = ${code.grantId}`;
  expect(grant?.uses_count).toBe(1);
});

test("a slip of the finger costs nothing", async () => {
  const user = await makeUser();
  const code = await issueCode(user.id);
  const attempt = await beginPage(user.login);
  for (let i = 0; i < 6; i += 1)
    expect(await prove(attempt, "0000-0000-0000-0001")).toEqual({ ok: false, reason: "mistyped" });
  expect(await prove(attempt, code.text)).toMatchObject({ ok: true });
});

test("5 wrong codes end the attempt, and the name must wait: known, without a code or unknown alike", async () => {
  const withCode = await makeUser();
  await issueCode(withCode.id);
  const without = await makeUser();
  const courses = [];
  for (const name of [withCode.login, without.login, `nobody-${randomUUID()}`]) {
    const attempt = await beginPage(name);
    const results = [];
    for (let i = 0; i < 5; i += 1) results.push(await prove(attempt, wrongCode));
    results.push(await prove(attempt, wrongCode));
    results.push(await prove(await beginPage(name), wrongCode));
    courses.push(results);
  }
  expect(courses[0]).toMatchObject([
    { reason: "wrong", triesLeft: 4 },
    { reason: "wrong", triesLeft: 3 },
    { reason: "wrong", triesLeft: 2 },
    { reason: "wrong", triesLeft: 1 },
    { reason: "failed" },
    { reason: "gone" },
    { reason: "throttled", retryAfterSeconds: 30 },
  ]);
  expect(courses[1]).toEqual(courses[0]);
  expect(courses[2]).toEqual(courses[0]);
});

test("another user's code opens nothing, and a revoked or replaced one no more", async () => {
  const [one, other] = [await makeUser(), await makeUser()];
  const code = await issueCode(one.id);
  expect(await prove(await beginPage(other.login), code.text)).toMatchObject({ reason: "wrong" });
  await issueCode(one.id);
  expect(await prove(await beginPage(one.login), code.text)).toMatchObject({ reason: "wrong" });
});

test("a user who was disabled after the issue does not get in by the code", async () => {
  const user = await makeUser();
  const code = await issueCode(user.id);
  const begun = await beginPage(user.login);
  await db.sql`update users set disabled_at = now() where id = ${user.id}`;
  expect(await prove(begun, code.text)).toMatchObject({ reason: "wrong" });
  expect(await prove(await beginPage(user.login), code.text)).toMatchObject({ reason: "wrong" });
});

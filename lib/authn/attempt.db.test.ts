import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { type Context, systemContext } from "@/lib/platform/context";
import { answering, beginApi, beginPage } from "@/tools/testing/attempt";
import { clientContext, openTestDatabase, publicContext } from "@/tools/testing/database";
import { answerNewestAsk } from "@/tools/testing/otp";
import { insertGrant, insertReachable } from "@/tools/testing/rows";
import { cancelAttempt } from "./cancel";
import { collectStatus } from "./collect-status";
import { forgetAttempt } from "./known-attempts";
import type { AttemptHolder } from "./model";
import { proveAttempt } from "./prove";
import { readAttempt } from "./read";
import { selectChannel } from "./select-channel";
import { sweepAttempts } from "./sweep";

const db = openTestDatabase();
const makeUser = () => insertReachable(db.sql);

const answerNewest = (attemptId: string, digits?: string) => answerNewestAsk(db.sql, attemptId, digits);

const eventsOf = (ctx: Context) =>
  db.sql`select kind, outcome, reason from audit_event where request_id = ${ctx.requestId} order by id`;

test("a text that was asked for proves the attempt: once, with grant, secret and log in step", async () => {
  const user = await makeUser();
  const grant = await insertGrant(db.sql, user.id);
  const attempt = await beginPage(user.login);
  expect(await selectChannel(publicContext(), { ...attempt, channel: "sms" })).toEqual({
    ok: true,
    resendSeconds: 30,
  });
  expect(await answerNewest(attempt.attemptId)).toBe("sent");
  const ctx = publicContext();
  const proof = { ...attempt, method: "sms", value: "123 456" } as const;
  expect(await proveAttempt(ctx, proof)).toEqual({
    ok: true,
    userId: user.id,
    grantId: grant.id,
    method: "sms",
  });
  expect(await proveAttempt(publicContext(), proof)).toEqual({ ok: false, reason: "gone" });
  expect(await eventsOf(ctx)).toEqual([{ kind: "grant.redeemed", outcome: "ok", reason: null }]);
  const [event] =
    await db.sql`select user_id, grant_id, target_id, details from audit_event where request_id = ${ctx.requestId}`;
  expect(event).toMatchObject({
    user_id: user.id,
    grant_id: grant.id,
    target_id: attempt.attemptId,
    details: { method: "sms", usesCount: 1, challengeId: expect.any(String) },
  });
  const labels = await db.sql`select distinct user_label from audit_personal p
    join audit_event e on e.id = p.event_id where e.request_id = ${ctx.requestId}`;
  expect(labels).toEqual([{ user_label: "Ada Lovelace" }]);
  expect(await readAttempt(publicContext(), attempt)).toMatchObject({
    state: "succeeded",
    proven: { userId: user.id, displayName: "Ada Lovelace", method: "sms" },
  });
});

test("digits prove an attempt whichever way they came, where the door doesn't know, and count against both", async () => {
  const user = await makeUser();
  await insertGrant(db.sql, user.id, "sms");
  await insertGrant(db.sql, user.id, "voice");
  const attempt = await beginPage(user.login);
  await selectChannel(publicContext(), { ...attempt, channel: "sms" });
  await answerNewest(attempt.attemptId, "111111");
  await selectChannel(publicContext(), { ...attempt, channel: "voice" });
  await answerNewest(attempt.attemptId, "222222");
  const ctx = publicContext();
  const prove = (value: string) => proveAttempt(ctx, { ...attempt, method: "otp", value });
  expect(await prove("000000")).toEqual({ ok: false, reason: "wrong", triesLeft: 2 });
  const counts = await db.sql`select channel, wrong_count from challenge where user_id = ${user.id}`;
  expect(counts.map(({ wrong_count }) => wrong_count)).toEqual([1, 1]);
  expect(await prove("222222")).toMatchObject({ ok: true, method: "voice" });
  const events =
    await db.sql`select kind, details->>'method' as method from audit_event where request_id = ${ctx.requestId} order by id`;
  expect(events.at(-1)).toEqual({ kind: "grant.redeemed", method: "voice" });
});

test("prove-twice: of 20 right answers in one attempt at once exactly one passes, and the grant is used once", async () => {
  const user = await makeUser();
  const grant = await insertGrant(db.sql, user.id);
  const attempt = await beginPage(user.login);
  await selectChannel(publicContext(), { ...attempt, channel: "sms" });
  await answerNewest(attempt.attemptId);
  const results = await Promise.all(
    Array.from({ length: 20 }, () =>
      proveAttempt(publicContext(), { ...attempt, method: "sms", value: "123456" }),
    ),
  );
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  const [row] = await db.sql`select uses_count from grants where id = ${grant.id}`;
  expect(row?.uses_count).toBe(1);
});

test("every wrong OTP is in the log with its reason, and the last one ends the attempt there too", async () => {
  const user = await makeUser();
  await insertGrant(db.sql, user.id);
  const attempt = await beginPage(user.login);
  await selectChannel(publicContext(), { ...attempt, channel: "sms" });
  await answerNewest(attempt.attemptId);
  const ctx = publicContext();
  for (let i = 0; i < 3; i += 1) await proveAttempt(ctx, { ...attempt, method: "sms", value: "000000" });
  expect(await eventsOf(ctx)).toEqual([
    { kind: "otp.judged", outcome: "refused", reason: "wrong" },
    { kind: "otp.judged", outcome: "refused", reason: "wrong" },
    { kind: "otp.judged", outcome: "refused", reason: "tried_out" },
    { kind: "attempt.failed", outcome: "refused", reason: "no_tries_left" },
  ]);
});

test("an OTP is judged the same by a process that did not begin the attempt", async () => {
  const user = await makeUser();
  await insertGrant(db.sql, user.id);
  const attempt = await beginPage(user.login);
  await selectChannel(publicContext(), { ...attempt, channel: "sms" });
  await answerNewest(attempt.attemptId);
  forgetAttempt(attempt.attemptId);
  expect(await proveAttempt(publicContext(), { ...attempt, method: "sms", value: "123456" })).toMatchObject({
    ok: true,
  });
});

test("a message answered 20 times at once is taken once (message-replay)", async () => {
  const ctx = clientContext(null);
  const user = await makeUser();
  await insertGrant(db.sql, user.id);
  const { attemptId, messageId } = await beginApi(ctx, user.login);
  const results = await Promise.all(
    Array.from({ length: 20 }, () =>
      proveAttempt(ctx, { attemptId, holder: answering(messageId), method: "sms", value: "000000" }),
    ),
  );
  expect(results.filter((result) => !result.ok && result.reason === "wrong")).toHaveLength(1);
  expect(results.filter((result) => !result.ok && result.reason === "gone")).toHaveLength(19);
  const refusals =
    await db.sql`select reason from audit_event where kind = 'attempt.refused' and target_id = ${attemptId}`;
  expect(refusals.map((row) => row.reason)).toEqual(Array(19).fill("out_of_turn"));
});

test("a relying system answers our last message, its own attempt's, or nothing happens", async () => {
  const ctx = clientContext(null);
  const user = await makeUser();
  const { attemptId, messageId } = await beginApi(ctx, user.login);
  const prove = (who: Context, holder: Exclude<AttemptHolder, { kind: "owner" }>) =>
    proveAttempt(who, { attemptId, holder, method: "sms", value: "000000" });
  expect(await prove(ctx, answering(randomUUID()))).toEqual({ ok: false, reason: "gone" });
  expect(await prove(clientContext(null), answering(messageId))).toEqual({ ok: false, reason: "gone" });
  expect(await prove(publicContext(), answering(messageId))).toEqual({ ok: false, reason: "gone" });
  expect(await prove(publicContext(), { kind: "browser", secret: "x" })).toEqual({
    ok: false,
    reason: "gone",
  });
  const first = answering(messageId);
  expect(await prove(ctx, first)).toMatchObject({ reason: "wrong", triesLeft: 2 });
  expect(await prove(ctx, answering(messageId))).toEqual({ ok: false, reason: "gone" });
  const second = answering(first.nextMessageId);
  expect(await prove(ctx, second)).toMatchObject({ reason: "wrong", triesLeft: 1 });
  expect(await prove(ctx, answering(second.nextMessageId))).toEqual({ ok: false, reason: "failed" });
});

test("another browser's secret opens no attempt", async () => {
  const user = await makeUser();
  const attempt = await beginPage(user.login);
  const other = { ...attempt, holder: { kind: "browser", secret: "stolen" } as const };
  expect(await readAttempt(publicContext(), other)).toBeUndefined();
  expect(await selectChannel(publicContext(), { ...other, channel: "sms" })).toEqual({
    ok: false,
    reason: "gone",
  });
  expect(await cancelAttempt(publicContext(), { ...other, reason: "user_action" })).toEqual({
    ok: false,
    reason: "gone",
  });
});

test("a user disabled in the middle of an attempt does not get in", async () => {
  const user = await makeUser();
  await insertGrant(db.sql, user.id);
  const attempt = await beginPage(user.login);
  await selectChannel(publicContext(), { ...attempt, channel: "sms" });
  await answerNewest(attempt.attemptId);
  await db.sql`update users set disabled_at = now() where id = ${user.id}`;
  expect(await proveAttempt(publicContext(), { ...attempt, method: "sms", value: "123456" })).toMatchObject({
    reason: "wrong",
  });
});

test("an expired, a cancelled and a failed attempt take nothing any more", async () => {
  const user = await makeUser();
  const expired = await beginPage(user.login);
  await db.sql`update authn_attempt set created_at = now() - interval '1 hour', expires_at = now() - interval '1 s' where id = ${expired.attemptId}`;
  const cancelled = await beginPage(user.login);
  const ctx = publicContext();
  expect(await cancelAttempt(ctx, { ...cancelled, reason: "user_action" })).toEqual({ ok: true });
  expect(await eventsOf(ctx)).toEqual([{ kind: "attempt.cancelled", outcome: "ok", reason: null }]);
  for (const attempt of [expired, cancelled]) {
    expect(await proveAttempt(publicContext(), { ...attempt, method: "sms", value: "123456" })).toEqual({
      ok: false,
      reason: "gone",
    });
    expect(await selectChannel(publicContext(), { ...attempt, channel: "sms" })).toEqual({
      ok: false,
      reason: "gone",
    });
  }
  expect(await readAttempt(publicContext(), expired)).toMatchObject({ state: "expired", proven: null });
});

test("a kept attempt tells its end once, to its own client; another never", async () => {
  const ctx = clientContext(null);
  const sessionAttributes = JSON.stringify([{ name: "a\0", value: "\ud800" }]);
  const kept = await beginApi(ctx, "somebody", { keepAttempt: true, sessionAttributes });
  const plain = await beginApi(ctx, "somebody");
  expect(await collectStatus(ctx, plain)).toEqual({ ok: false, reason: "gone" });
  expect(await collectStatus(clientContext(null), kept)).toEqual({ ok: false, reason: "gone" });
  expect(await collectStatus(ctx, kept)).toMatchObject({
    ok: true,
    attempt: { state: "open", sessionAttributes },
  });
  await cancelAttempt(ctx, {
    attemptId: kept.attemptId,
    holder: { kind: "owner" },
    reason: "time_out",
  });
  expect(await collectStatus(ctx, kept)).toMatchObject({ attempt: { state: "cancelled" } });
  expect(await collectStatus(ctx, kept)).toEqual({ ok: false, reason: "gone" });
});

test.each(["a\0b", "💥".repeat(100), "\u202eada\u202c", "\ud800", "x".repeat(300), "' or 1=1 --"])(
  "an odd name begins an attempt like any other",
  async (name) => {
    const attempt = await beginPage(name);
    expect(await proveAttempt(publicContext(), { ...attempt, method: "sms", value: "\0" })).toMatchObject({
      reason: "wrong",
    });
  },
);

test("an e-mail address leads to its user, one that two share to nobody, and the log holds no name", async () => {
  const [one, other] = [await makeUser(), await makeUser()];
  await db.sql`update users set email = 'a@b.c', email_key = 'a@b.c' where id = ${one.id}`;
  const userOf = async (attemptId: string) => {
    const [row] = await db.sql`select user_id from authn_attempt where id = ${attemptId}`;
    return row?.user_id;
  };
  const ctx = publicContext();
  expect(await userOf((await beginPage("A@B.C", ctx)).attemptId)).toBe(one.id);
  await db.sql`update users set email = 'a@b.c', email_key = 'a@b.c' where id = ${other.id}`;
  expect(await userOf((await beginPage("a@b.c")).attemptId)).toBeNull();
  const events = await db.sql`select e::text as line from audit_event e where request_id = ${ctx.requestId}`;
  expect(events[0]?.line).not.toContain("a@b.c");
});

test("attempts are deleted a day after their time, with what was asked for", async () => {
  const attempt = await beginPage("old");
  await selectChannel(publicContext(), { ...attempt, channel: "sms" });
  await db.sql`update authn_attempt set expires_at = now() - interval '25 hours' where id = ${attempt.attemptId}`;
  expect(await sweepAttempts(systemContext("sweep", "test"))).toBeGreaterThanOrEqual(1);
  expect(await db.sql`select 1 from authn_attempt where id = ${attempt.attemptId}`).toHaveLength(0);
  expect(await db.sql`select 1 from channel_ask where attempt_id = ${attempt.attemptId}`).toHaveLength(0);
});

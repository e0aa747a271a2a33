import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { type Context, systemContext } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { changePolicy } from "@/lib/policy/change";
import { type Policy, policySchema } from "@/lib/policy/model";
import { readPolicy } from "@/lib/policy/store";
import { clientContext, openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { answerNewestAsk } from "@/tools/testing/otp";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { answerAsk } from "./answer-ask";
import { beginAttempt } from "./begin";
import { cancelAttempt } from "./cancel";
import { collectStatus } from "./collect-status";
import { beginAttemptInput } from "./input";
import { forgetAttempt } from "./known-attempts";
import { listAsksInVain } from "./list-asks-in-vain";
import type { AttemptHolder } from "./model";
import { proveAttempt } from "./prove";
import { readAttempt } from "./read";
import { selectChannel } from "./select-channel";
import { sweepAttempts } from "./sweep";

const db = openTestDatabase();

let numbers = 1000;

function makeUser() {
  numbers += 1;
  return insertUser(db.sql, { sms: `+1202555${numbers}`, voice: `+44207946${numbers}` });
}

async function beginPage(name: string, ctx: Context = publicContext()) {
  const begun = await beginAttempt(ctx, beginAttemptInput.parse({ door: "otp_page", subjectName: name }));
  return { attemptId: begun.attemptId, holder: { kind: "browser", secret: begun.secret! } as const };
}

async function beginApi(ctx: Context, name: string, overrides: object = {}) {
  const messageId = randomUUID();
  const { attemptId } = await beginAttempt(
    ctx,
    beginAttemptInput.parse({ door: "authn_api", subjectName: name, messageId, ...overrides }),
  );
  return { attemptId, messageId };
}

const answering = (inResponseTo: string): Extract<AttemptHolder, { kind: "client" }> => ({
  kind: "client",
  inResponseTo,
  nextMessageId: randomUUID(),
});

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

test("nobody is sent a text without a live grant, and the log alone says why", async () => {
  const cases: [string, (id: string) => Promise<unknown>][] = [
    ["no_grant", async () => undefined],
    ["not_eligible", (id) => db.sql`update users set disabled_at = now() where id = ${id}`],
    [
      "no_number",
      async (id) => {
        await insertGrant(db.sql, id);
        await db.sql`delete from user_phone where user_id = ${id}`;
      },
    ],
    [
      "number_held",
      async (id) => {
        await insertGrant(db.sql, id);
        await db.sql`update user_phone set held_until = now() + interval '1 day' where user_id = ${id}`;
      },
    ],
  ];
  for (const [reason, arrange] of cases) {
    const user = await makeUser();
    await arrange(user.id);
    const attempt = await beginPage(user.login);
    expect(await selectChannel(publicContext(), { ...attempt, channel: "sms" })).toMatchObject({ ok: true });
    expect(await answerNewest(attempt.attemptId)).toBe(reason);
    expect(await db.sql`select 1 from delivery where user_id = ${user.id}`).toHaveLength(0);
    const [event] = await db.sql`select outcome, reason from audit_event
      where kind = 'delivery.asked' order by id desc limit 1`;
    expect(event).toEqual({ outcome: "refused", reason });
  }
});

test("self-service is off by default; a user whose group may begins at /otp alone, by a grant of their own", async () => {
  const user = await makeUser();
  await db.sql`insert into user_group values (${user.id}, 'sales')`;
  const ask = async () => {
    const attempt = await beginPage(user.login);
    await selectChannel(publicContext(), { ...attempt, channel: "sms" });
    return { attempt, outcome: await answerNewest(attempt.attemptId) };
  };
  expect((await ask()).outcome).toBe("no_grant");
  const policy = policySchema.parse({ selfService: { groups: ["sales"] } });
  await changePolicy(staffContext("owner"), { expectedVersion: 0, policy });
  const { attempt, outcome } = await ask();
  expect(outcome).toBe("sent");
  expect(await proveAttempt(publicContext(), { ...attempt, method: "sms", value: "123456" })).toMatchObject({
    ok: true,
    userId: user.id,
  });
  const grants = await db.sql`select issuer_kind, ended_as from grants where user_id = ${user.id}`;
  expect(grants).toEqual([{ issuer_kind: "user", ended_as: "spent" }]);

  const api = clientContext(null);
  const begun = await beginApi(api, user.login);
  await selectChannel(api, {
    attemptId: begun.attemptId,
    holder: answering(begun.messageId),
    channel: "sms",
  });
  expect(await answerNewest(begun.attemptId)).toBe("no_grant");
});

test("a method that the policy has switched off since is not sent by, on access that was given before either", async () => {
  const user = await makeUser();
  await insertGrant(db.sql, user.id);
  const { version, policy } = await inStatement(readPolicy);
  const put = (expectedVersion: number, next: Policy) =>
    changePolicy(staffContext("owner"), { expectedVersion, policy: next });
  const ask = async () => {
    const attempt = await beginPage(user.login);
    await selectChannel(publicContext(), { ...attempt, channel: "sms" });
    return answerNewest(attempt.attemptId);
  };
  await put(version, { ...policy, methodsOff: ["sms"] });
  expect(await ask()).toBe("method_off");
  await put(version + 1, policy);
  expect(await ask()).toBe("sent");
});

test("an ask is taken up once, whatever runs the job twice", async () => {
  const user = await makeUser();
  await insertGrant(db.sql, user.id);
  const attempt = await beginPage(user.login);
  await selectChannel(publicContext(), { ...attempt, channel: "sms" });
  const [ask] = await db.sql<
    { id: string }[]
  >`select id from channel_ask where attempt_id = ${attempt.attemptId}`;
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => answerAsk(systemContext("worker", "test"), { askId: ask!.id })),
  );
  expect(outcomes.filter((outcome) => outcome === "sent")).toHaveLength(1);
  expect(await db.sql`select 1 from delivery where user_id = ${user.id}`).toHaveLength(1);
});

test("3 asks in ten minutes for a name from one source, however many attempts and at once, known or not", async () => {
  for (const name of [(await makeUser()).login, `nobody-${randomUUID()}`]) {
    const attempts = await Promise.all(Array.from({ length: 8 }, () => beginPage(name)));
    const results = await Promise.all(
      attempts.map((attempt) => selectChannel(publicContext(), { ...attempt, channel: "sms" })),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(3);
    expect(results.filter((result) => !result.ok && result.reason === "send_limit")).toHaveLength(5);
  }
});

const askFrom = async (ctx: Context, name: string) => {
  const attempt = await beginPage(name, ctx);
  const asked = await selectChannel(ctx, { ...attempt, channel: "sms" });
  return { attempt, answer: asked.ok ? "asked" : asked.reason };
};
const passTime = (minutes: number) =>
  db.sql`update channel_ask set asked_at = asked_at - make_interval(mins => ${minutes})`;

test("what a stranger asked for before a grant, all day long, is not the user's, who is sent a text", async () => {
  const user = await makeUser();
  for (let ask = 0; ask < 10; ask += 1) {
    const { attempt } = await askFrom(publicContext("198.51.100.7"), user.login);
    expect(await answerNewest(attempt.attemptId)).toBe("no_grant");
    await passTime(4);
  }
  for (let ask = 0; ask < 3; ask += 1) await askFrom(publicContext("198.51.100.7"), user.login);
  await insertGrant(db.sql, user.id);
  expect((await askFrom(publicContext("198.51.100.7"), user.login)).answer).toBe("send_limit");
  const own = await askFrom(publicContext("203.0.113.50"), user.login);
  expect(own.answer).toBe("asked");
  expect(await answerNewest(own.attempt.attemptId)).toBe("sent");
});

test("at a relying system, where a stranger and the user come from one source, the wait is ten minutes", async () => {
  const api = clientContext(null);
  const user = await makeUser();
  const ask = async () => {
    const { attemptId, messageId } = await beginApi(api, user.login);
    return selectChannel(api, { attemptId, holder: answering(messageId), channel: "sms" });
  };
  for (let asked = 0; asked < 12; asked += 1) {
    expect(await ask()).toMatchObject({ ok: true });
    await passTime(4);
  }
  for (let asked = 0; asked < 2; asked += 1) await ask();
  const answer = await ask();
  expect(answer).toMatchObject({ reason: "send_limit" });
  expect("retryAfterSeconds" in answer && answer.retryAfterSeconds).toBeLessThanOrEqual(600);
});

test("30 asks in ten minutes for a name from all sources, known, without a grant or unknown alike", async () => {
  const known = await makeUser();
  await insertGrant(db.sql, known.id);
  for (const name of [known.login, (await makeUser()).login, `nobody-${randomUUID()}`]) {
    const answers = [];
    for (let source = 1; source <= 11; source += 1)
      for (let ask = 0; ask < 3; ask += 1)
        answers.push((await askFrom(publicContext(`192.0.2.${source}`), name)).answer);
    expect(answers).toEqual([...Array(30).fill("asked"), ...Array(3).fill("send_limit")]);
  }
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

test("the desk is told what was asked for in a user's name and not sent, by login or address, for a quarter of an hour", async () => {
  const { id, login } = await makeUser();
  const email = `${login}@example.com`;
  await db.sql`update users set email = ${email}, email_key = ${email.toLowerCase()} where id = ${id}`;
  const told = () => listAsksInVain(staffContext("helpdesk"), { userId: id });
  expect(await told()).toEqual([]);
  for (const [name, channel] of [
    [login, "sms"],
    [email.toUpperCase(), "voice"],
  ] as const) {
    const { attemptId, holder } = await beginPage(name);
    await selectChannel(publicContext(), { attemptId, holder, channel });
    await answerNewest(attemptId);
  }
  expect(await told()).toMatchObject([
    { channel: "voice", because: "no_grant" },
    { channel: "sms", because: "no_grant" },
  ]);
  await insertGrant(db.sql, id);
  await db.sql`update channel_ask set asked_at = asked_at - interval '16 minutes'`;
  const { attemptId, holder } = await beginPage(login);
  await selectChannel(publicContext(), { attemptId, holder, channel: "sms" });
  expect(await answerNewest(attemptId)).toBe("sent");
  expect(await told()).toEqual([]);
  await expect(listAsksInVain(publicContext(), { userId: id })).rejects.toMatchObject({ name: "Denied" });
});

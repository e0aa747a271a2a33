import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { type Context, systemContext } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { changePolicy } from "@/lib/policy/change";
import type { Policy } from "@/lib/policy/model";
import { readPolicy } from "@/lib/policy/store";
import { answering, beginApi, beginPage } from "@/tools/testing/attempt";
import { clientContext, openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { answerNewestAsk } from "@/tools/testing/otp";
import { insertGrant, insertReachable } from "@/tools/testing/rows";
import { answerAsk } from "./answer-ask";
import { listAsksInVain } from "./list-asks-in-vain";
import { selectChannel } from "./select-channel";

const db = openTestDatabase();
const makeUser = () => insertReachable(db.sql);

const answerNewest = (attemptId: string, digits?: string) => answerNewestAsk(db.sql, attemptId, digits);

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

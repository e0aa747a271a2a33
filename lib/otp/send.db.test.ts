import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { inTransaction } from "@/lib/platform/transaction";
import { defaultPolicy } from "@/lib/policy/model";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { type ChallengeInput, sendChallenge } from "./send";

const db = openTestDatabase();

const numbers = Array.from({ length: 500 }, (_, n) => `+1202555${2000 + n}`);
const freshNumber = () => numbers.pop() as string;

async function prepare(toE164 = freshNumber(), channel: "sms" | "voice" = "sms"): Promise<ChallengeInput> {
  const { id: userId } = await insertUser(db.sql, { [channel]: toE164 });
  const { id: grantId } = await insertGrant(db.sql, userId, channel);
  return { grantId, userId, channel, attemptId: randomUUID(), toE164, language: "de", policy: defaultPolicy };
}

const send = (input: ChallengeInput, change: Partial<ChallengeInput> = {}) =>
  inTransaction((tx) => sendChallenge(tx, publicContext(), { ...input, ...change }));

async function age(userId: string, seconds: number) {
  await db.sql`update delivery set created_at = created_at - make_interval(secs => ${seconds}) where user_id = ${userId}`;
  await db.sql`update challenge set created_at = created_at - make_interval(secs => ${seconds}),
    expires_at = expires_at - make_interval(secs => ${seconds}) where user_id = ${userId}`;
}

const outcomes = (results: Awaited<ReturnType<typeof send>>[]) =>
  results.map((result) => (result.ok ? "sent" : result.reason)).sort();

test("of 20 asks at once for one user three are sent, whatever attempts they come from (limits, OTP sends)", async () => {
  const input = await prepare();
  const results = await Promise.all(
    Array.from({ length: 20 }, () => send(input, { attemptId: randomUUID() })),
  );
  expect(outcomes(results)).toEqual([...Array(17).fill("send_limit"), ...Array(3).fill("sent")]);
  const [spent] = await db.sql`select count(*)::int as n from delivery where user_id = ${input.userId}`;
  expect(spent).toEqual({ n: 3 });
});

test("of 20 asks at once for one number, of many users, three are sent (limits, OTP sends)", async () => {
  const toE164 = freshNumber();
  const inputs = await Promise.all(Array.from({ length: 20 }, () => prepare(toE164)));
  const results = await Promise.all(inputs.map((input) => send(input)));
  expect(outcomes(results)).toEqual([...Array(17).fill("send_limit"), ...Array(3).fill("sent")]);
});

test("ten a day, and then the wait is told (limits, OTP sends)", async () => {
  const input = await prepare();
  for (let sent = 0; sent < 10; sent += 1) {
    expect(await send(input, { attemptId: randomUUID() })).toMatchObject({ ok: true });
    await age(input.userId, 601);
  }
  const eleventh = await send(input, { attemptId: randomUUID() });
  expect(eleventh).toMatchObject({ ok: false, reason: "send_limit" });
  const wait = eleventh.ok ? 0 : (eleventh.retryAfterSeconds ?? 0);
  expect(wait).toBeGreaterThan(86_400 - 6_100);
  expect(wait).toBeLessThanOrEqual(86_400 - 6_009);
});

test("as many as strangers can have sent in a day leave the desk its own, which end at their bound (limits, OTP sends)", async () => {
  const input = await prepare();
  for (let sent = 0; sent < 10; sent += 1) {
    expect(await send(input, { attemptId: randomUUID() })).toMatchObject({ ok: true });
    await age(input.userId, 601);
  }
  expect(await send(input, { attemptId: randomUUID() })).toMatchObject({ reason: "send_limit" });
  const byDesk = async () => {
    const { id: grantId } = await insertGrant(db.sql, input.userId);
    const sent = await send(input, { attemptId: null, grantId });
    await db.sql`update grants set ended_at = now(), ended_as = 'revoked' where id = ${grantId}`;
    return sent.ok ? "sent" : sent.reason;
  };
  await db.sql`update grants set ended_at = now(), ended_as = 'revoked' where user_id = ${input.userId}`;
  for (let sent = 0; sent < 3; sent += 1) expect(await byDesk()).toBe("sent");
  expect(await byDesk()).toBe("send_limit");
});

test("a resend within 30 seconds is refused, after them it is a new code in place of the old one", async () => {
  const input = await prepare();
  const first = await send(input);
  expect(await send(input)).toMatchObject({ ok: false, reason: "too_soon", retryAfterSeconds: 30 });
  await age(input.userId, 30);
  const second = await send(input);
  if (!first.ok || !second.ok) throw new Error("not sent");
  const rows =
    await db.sql`select id, end_reason from challenge where user_id = ${input.userId} order by created_at`;
  expect(rows).toEqual([
    { id: first.challengeId, end_reason: "resent" },
    { id: second.challengeId, end_reason: null },
  ]);
  const asked =
    await db.sql`select details ? 'again' as again from audit_event where user_id = ${input.userId} and outcome = 'ok' order by id`;
  expect(asked).toEqual([{ again: false }, { again: true }]);
});

test("another attempt's code, another channel's and the desk's stay alive beside a new one", async () => {
  const input = await prepare();
  await send(input);
  await send(input, { attemptId: null });
  await send(input, { attemptId: randomUUID() });
  const [live] =
    await db.sql`select count(*)::int as n from challenge where user_id = ${input.userId} and ended_at is null`;
  expect(live).toEqual({ n: 3 });
});

test("resend-in-parallel: of two asks of one attempt at once one is sent, and one code lives", async () => {
  const input = await prepare();
  expect(outcomes(await Promise.all([send(input), send(input)]))).toEqual(["sent", "too_soon"]);
});

test("a code lives as long as policy says by the database's clock, and never over ten minutes (limits, OTP)", async () => {
  const input = await prepare();
  const sent = await send(input);
  if (!sent.ok) throw new Error(sent.reason);
  const [row] =
    await db.sql`select extract(epoch from expires_at - created_at)::int as ttl, tries_max from challenge where user_id = ${input.userId}`;
  expect(row).toEqual({ ttl: 300, tries_max: 3 });
  expect(Math.abs(sent.expiresAt.getTime() - Date.now() - 300_000)).toBeLessThan(5_000);
  const long = { ...defaultPolicy, otp: { ttlSeconds: 601, triesMax: 3 } };
  const other = await prepare();
  await expect(send(other, { policy: long })).rejects.toMatchObject({
    cause: { constraint: "challenge_window" },
  });
});

test("of 20 asks at once the day's budget pays for as many as it can, and no more (limits, money)", async () => {
  const [today] =
    await db.sql`select coalesce((select spent from send_budget where day = (now() at time zone 'utc')::date), 0)::float8 as spent`;
  const budget = { ...defaultPolicy.budget, amountPerDay: Number((today?.spent + 0.75).toFixed(4)) };
  const inputs = await Promise.all(Array.from({ length: 20 }, () => prepare()));
  const results = await Promise.all(
    inputs.map((input) => send(input, { policy: { ...defaultPolicy, budget } })),
  );
  expect(outcomes(results)).toEqual([...Array(13).fill("budget"), ...Array(7).fill("sent")]);
});

test("to who begins without the desk half of the day's money is sent, and the other is the desk's (limits, money)", async () => {
  await db.sql`insert into send_budget (day, spent, sends) values ((now() at time zone 'utc')::date, 50, 500)
    on conflict (day) do update set spent = 50`;
  const [self, desk] = [await prepare(), await prepare()];
  await db.sql`update grants set issuer_kind = 'user' where id = ${self.grantId}`;
  const budget = { ...defaultPolicy.budget, amountPerDay: 100 };
  expect(await send(self, { policy: { ...defaultPolicy, budget } })).toMatchObject({ reason: "budget" });
  expect(await send(desk, { policy: { ...defaultPolicy, budget } })).toMatchObject({ ok: true });
  await db.sql`update send_budget set spent = 49`;
  expect(await send(self, { policy: { ...defaultPolicy, budget } })).toMatchObject({ ok: true });
});

test("nothing is spent for what the budget refuses, and a first send of the day may cost too much", async () => {
  const budget = { ...defaultPolicy.budget, amountPerDay: 0 };
  const input = await prepare();
  await db.sql`update send_budget set day = day - 30`;
  expect(await send(input, { policy: { ...defaultPolicy, budget } })).toMatchObject({ reason: "budget" });
  expect(await db.sql`select 1 from send_budget where day = (now() at time zone 'utc')::date`).toHaveLength(
    0,
  );
});

test.each([
  ["a country that isn't allowed", "country", "+4915112345678"],
  ["a premium number", "number_barred", "+19005550100"],
])("%s is refused, and logged without the number", async (_, reason, toE164) => {
  const input = await prepare(toE164);
  expect(await send(input)).toEqual({ ok: false, reason });
  const [event] =
    await db.sql`select kind, outcome, reason, e::text as whole from audit_event e where user_id = ${input.userId}`;
  expect(event).toMatchObject({ kind: "delivery.asked", outcome: "refused", reason });
  expect(event?.whole).not.toContain(toE164.slice(1));
  expect(await db.sql`select 1 from delivery where user_id = ${input.userId}`).toHaveLength(0);
});

test("a number that was changed lately is held back (limits, a phone number changed)", async () => {
  const input = await prepare();
  await db.sql`update user_phone set held_until = now() + interval '1 day' where user_id = ${input.userId}`;
  expect(await send(input)).toEqual({ ok: false, reason: "number_held" });
  await db.sql`update user_phone set held_until = now() - interval '1 millisecond' where user_id = ${input.userId}`;
  expect(await send(input)).toMatchObject({ ok: true });
});

test("a number that is not the user's any more is not sent to", async () => {
  const input = await prepare();
  expect(await send(input, { toE164: freshNumber() })).toEqual({ ok: false, reason: "no_number" });
});

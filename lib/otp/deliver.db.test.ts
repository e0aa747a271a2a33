import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { changePhone } from "@/lib/delivery/change-phone";
import type { SendOutcome, TelephonyProvider } from "@/lib/delivery/provider";
import { sweepDeliveries } from "@/lib/delivery/sweep";
import { importUsers } from "@/lib/directory/import";
import { systemContext } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { defaultPolicy, policySchema } from "@/lib/policy/model";
import { insertPolicy } from "@/lib/policy/store";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { eventually } from "@/tools/testing/eventually";
import { judge as judgeDigits } from "@/tools/testing/judge";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { openTelephony } from "@/tools/testing/telephony";
import { deliver } from "./deliver";
import { toCodeHmac } from "./digits";
import { sendChallenge } from "./send";
import { claimOtp } from "./store";

const db = openTestDatabase();
const telephony = openTelephony();
const ctx = () => systemContext("worker", `test-${randomUUID()}`);

const numbers = Array.from({ length: 500 }, (_, n) => `+1202555${2000 + n}`);
const freshNumber = () => numbers.pop() as string;

async function ask(options: { toE164?: string; channel?: "sms" | "voice"; attemptId?: string | null } = {}) {
  const { toE164 = freshNumber(), channel = "sms", attemptId = randomUUID() } = options;
  const { id: userId } = await insertUser(db.sql, { [channel]: toE164 });
  const { id: grantId } = await insertGrant(db.sql, userId, channel);
  const input = { grantId, userId, channel, attemptId, toE164, language: "en", policy: defaultPolicy };
  const sent = await inTransaction((tx) => sendChallenge(tx, publicContext(), input));
  if (!sent.ok) throw new Error(sent.reason);
  return { ...input, ...sent };
}

async function stateOf(deliveryId: string) {
  const [row] =
    await db.sql`select state, failure, attempts, provider_ref from delivery where id = ${deliveryId}`;
  return row;
}

async function eventsOf(deliveryId: string) {
  const rows = await db.sql`select kind, reason from audit_event where target_id = ${deliveryId} order by id`;
  return rows.map((row) => [row.kind, row.reason].filter((word) => word !== null).join(" "));
}

async function countJobs(deliveryId: string) {
  const [row] =
    await db.sql`select count(*)::int as n from graphile_worker.jobs where key = ${`deliver/${deliveryId}`}`;
  return row?.n;
}

async function judge(
  asked: { userId: string; channel: "sms" | "voice"; attemptId: string | null },
  digits: string,
) {
  const attemptId = asked.attemptId ?? randomUUID();
  return judgeDigits({ ...asked, attemptId, digits });
}

const readDigits = (text: string | undefined) => /#(\d{6})$/.exec(text ?? "")?.[1] ?? "";

test("asking commits challenge, delivery, job and event together, and the job carries ids only", async () => {
  const asked = await ask();
  expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "queued", attempts: 0 });
  expect(await eventsOf(asked.deliveryId)).toEqual(["delivery.asked"]);
  const [job] =
    await db.sql`select payload::text from graphile_worker._private_jobs where key = ${`deliver/${asked.deliveryId}`}`;
  expect(Object.keys(JSON.parse(job?.payload)).sort()).toEqual(["deliveryId", "requestId"]);
  const [challenge] = await db.sql`select code_hmac from challenge where id = ${asked.challengeId}`;
  expect(challenge).toEqual({ code_hmac: null });
});

test("nothing is left of an ask whose transaction fails", async () => {
  const toE164 = freshNumber();
  const { id: userId } = await insertUser(db.sql, { sms: toE164 });
  const { id: grantId } = await insertGrant(db.sql, userId);
  const jobs = await db.sql`select count(*)::int as n from graphile_worker.jobs`;
  const input = {
    grantId,
    userId,
    channel: "sms" as const,
    attemptId: null,
    toE164,
    language: "en",
    policy: defaultPolicy,
  };
  await expect(
    inTransaction(async (tx) => {
      await sendChallenge(tx, publicContext(), input);
      throw new Error("power cut");
    }),
  ).rejects.toThrow("power cut");
  expect(await db.sql`select 1 from delivery where user_id = ${userId}`).toHaveLength(0);
  expect(await db.sql`select 1 from challenge where user_id = ${userId}`).toHaveLength(0);
  expect(await db.sql`select 1 from audit_event where user_id = ${userId}`).toHaveLength(0);
  expect(await db.sql`select count(*)::int as n from graphile_worker.jobs`).toEqual(jobs);
});

test("a text arrives, is reported as delivered, and its digits open", async () => {
  const asked = await ask();
  await deliver(ctx(), asked, telephony.provider());
  expect(await stateOf(asked.deliveryId)).toMatchObject({ attempts: 1, failure: null });
  const texts = await telephony.inbox(asked.toE164);
  expect(texts).toHaveLength(1);
  await eventually(async () => expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "delivered" }));
  const events = await eventsOf(asked.deliveryId);
  expect(events.filter((kind) => kind !== "delivery.sent")).toEqual(["delivery.asked", "delivery.delivered"]);
  expect(await judge(asked, readDigits(texts[0]?.text))).toMatchObject({
    reason: null,
    grantId: asked.grantId,
  });
});

test("a call speaks the digits twice, one by one, and they open", async () => {
  const asked = await ask({ channel: "voice" });
  await deliver(ctx(), asked, telephony.provider());
  await eventually(async () => expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "delivered" }));
  const [call] = await telephony.inbox(asked.toE164);
  const spoken = [...(call?.text ?? "").matchAll(/\d/g)].map(([digit]) => digit).join("");
  expect(spoken).toMatch(/^(\d{6})\1$/);
  expect(await judge(asked, spoken.slice(0, 6))).toMatchObject({ reason: null });
});

test("deliver-twice: of 10 workers that hold the same delivery one sends", async () => {
  const asked = await ask();
  const provider = telephony.provider();
  await Promise.all(Array.from({ length: 10 }, () => deliver(ctx(), asked, provider)));
  await deliver(ctx(), asked, provider);
  expect(await telephony.inbox(asked.toE164)).toHaveLength(1);
});

test("the digits stand nowhere: not in the database, not in the queue, not in the log", async () => {
  const asked = await ask();
  await deliver(ctx(), asked, telephony.provider());
  const [text] = await telephony.inbox(asked.toE164);
  const digits = readDigits(text?.text);
  expect(digits).toMatch(/^\d{6}$/);
  for (const table of [
    "delivery",
    "challenge",
    "audit_event",
    "audit_personal",
    "graphile_worker._private_jobs",
  ]) {
    const found = await db.sql.unsafe(`select 1 from ${table} t where t::text ~ $1`, [`\\m${digits}\\M`]);
    expect(found, table).toHaveLength(0);
  }
});

class Killed extends Error {}

/** A provider in whose call this process dies: before or after the request has left. */
function dyingIn(moment: "before" | "after"): TelephonyProvider {
  const die = async (send: () => Promise<SendOutcome>): Promise<SendOutcome> => {
    if (moment === "after") await send();
    throw new Killed();
  };
  const real = telephony.provider();
  return {
    sendText: (text) => die(() => real.sendText(text)),
    placeCall: (call) => die(() => real.placeCall(call)),
  };
}

async function passTime(deliveryId: string, seconds: number) {
  await db.sql`update delivery set due_at = due_at - make_interval(secs => ${seconds}),
    sending_at = sending_at - make_interval(secs => ${seconds}) where id = ${deliveryId}`;
}

test.each([
  ["before", 0],
  ["after", 1],
] as const)(
  "killed %s the request left, the text is unknown, said so, and never sent again",
  async (moment, texts) => {
    await telephony.put("/webhooks", { mode: "dropped" });
    const asked = await ask();
    await expect(deliver(ctx(), asked, dyingIn(moment))).rejects.toThrow(Killed);
    expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "sending" });

    await sweepDeliveries(ctx());
    expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "sending" });
    await passTime(asked.deliveryId, 91);
    await sweepDeliveries(ctx());
    expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "unknown", failure: "interrupted" });
    expect(await eventsOf(asked.deliveryId)).toEqual(["delivery.asked", "delivery.unknown interrupted"]);

    await deliver(ctx(), asked, telephony.provider());
    expect(await telephony.inbox(asked.toE164)).toHaveLength(texts);
    await telephony.put("/webhooks", { mode: "normal" });
  },
);

test("killed after the request left, the digits that were committed open, and the report heals the state", async () => {
  const asked = await ask();
  await expect(deliver(ctx(), asked, dyingIn("after"))).rejects.toThrow(Killed);
  const [text] = await telephony.inbox(asked.toE164);
  await eventually(async () => expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "delivered" }));
  expect(await judge(asked, readDigits(text?.text))).toMatchObject({ reason: null });
});

test("a job that a dead worker holds is not waited for four hours: the delivery gets a new one", async () => {
  const asked = await ask();
  const key = `deliver/${asked.deliveryId}`;
  await db.sql`update graphile_worker._private_jobs set locked_at = now(), locked_by = 'dead', attempts = 1 where key = ${key}`;
  await passTime(asked.deliveryId, 61);
  expect(await sweepDeliveries(ctx())).toMatchObject({ requeued: 0 });
  await db.sql`update graphile_worker._private_jobs set locked_at = now() - interval '61 seconds' where key = ${key}`;
  expect(await sweepDeliveries(ctx())).toMatchObject({ requeued: 1 });
  const [job] = await db.sql`select locked_at, attempts from graphile_worker.jobs where key = ${key}`;
  expect(job).toMatchObject({ locked_at: null, attempts: 0 });
  expect(await sweepDeliveries(ctx())).toMatchObject({ requeued: 0 });
});

test("a delivery whose job was lost gets a new one; one whose job waits keeps it", async () => {
  const lost = await ask();
  const waiting = await ask();
  await db.sql`delete from graphile_worker._private_jobs where key = ${`deliver/${lost.deliveryId}`}`;
  await passTime(lost.deliveryId, 61);
  await passTime(waiting.deliveryId, 61);
  await sweepDeliveries(ctx());
  expect(await countJobs(lost.deliveryId)).toBe(1);
  expect(await countJobs(waiting.deliveryId)).toBe(1);
});

test("what the provider was too busy for is sent later, with new digits, once", async () => {
  const asked = await ask({ toE164: "+12025550114" });
  const provider = telephony.provider();
  await deliver(ctx(), asked, provider);
  expect(await stateOf(asked.deliveryId)).toMatchObject({
    state: "queued",
    failure: "throttled",
    attempts: 1,
  });
  const [job] =
    await db.sql`select run_at > now() as is_later from graphile_worker.jobs where key = ${`deliver/${asked.deliveryId}`}`;
  expect(job).toEqual({ is_later: true });
  await deliver(ctx(), asked, provider);
  await deliver(ctx(), asked, provider);
  const texts = await telephony.inbox(asked.toE164);
  expect(texts).toHaveLength(1);
  expect(await judge(asked, readDigits(texts[0]?.text))).toMatchObject({ reason: null });
});

test("no connection: tried again a few times, then failed, and the code is dead", async () => {
  const asked = await ask();
  const nowhere: TelephonyProvider = {
    sendText: async () => ({ state: "refused", failure: "not_sent", retryable: true }),
    placeCall: async () => ({ state: "refused", failure: "not_sent", retryable: true }),
  };
  for (let handOver = 0; handOver < 12; handOver += 1) await deliver(ctx(), asked, nowhere);
  expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "failed", failure: "not_sent" });
  expect(await eventsOf(asked.deliveryId)).toEqual(["delivery.asked", "delivery.failed not_sent"]);
  expect(await judge(asked, "123456")).toMatchObject({ reason: "none" });
});

test("the provider slow: after the time limit it is unknown, and is not sent again", async () => {
  await telephony.put("/webhooks", { mode: "dropped" });
  const asked = await ask({ toE164: "+12025550112" });
  await deliver(ctx(), asked, telephony.provider(150));
  expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "unknown", failure: "timeout" });
  expect(await eventsOf(asked.deliveryId)).toEqual(["delivery.asked", "delivery.unknown timeout"]);
  await deliver(ctx(), asked, telephony.provider());
  expect(await telephony.inbox(asked.toE164)).toHaveLength(1);
  await telephony.put("/webhooks", { mode: "normal" });
});

test("the provider's report may come before its answer: the state does not go back", async () => {
  const asked = await ask({ toE164: "+12025550112" });
  await deliver(ctx(), asked, telephony.provider());
  expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "delivered", failure: null });
  // Two reports on their way at once may overtake each other; the later state stands, and is said once and last.
  const events = await eventsOf(asked.deliveryId);
  expect(events.filter((kind) => kind !== "delivery.sent")).toEqual(["delivery.asked", "delivery.delivered"]);
  expect(events.at(-1)).toBe("delivery.delivered");
});

test.each([
  ["answers 500", async () => ask({ toE164: "+12025550116" })],
  [
    "is out",
    async () => {
      await telephony.put("/outage", { on: true });
      return ask();
    },
  ],
])("the provider %s: it may have been sent, and is not sent again", async (_, prepare) => {
  const asked = await prepare();
  await deliver(ctx(), asked, telephony.provider());
  expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "unknown" });
  expect(await countJobs(asked.deliveryId)).toBe(1);
  await telephony.put("/outage", { on: false });
  await deliver(ctx(), asked, telephony.provider());
  expect(await telephony.inbox(asked.toE164)).toHaveLength(0);
});

test("the provider lying: one id for two texts counts as an answer that makes no sense", async () => {
  const lying: TelephonyProvider = {
    sendText: async () => ({ state: "accepted", providerRef: "11111111-1111-4111-8111-111111111111" }),
    placeCall: async () => ({ state: "accepted", providerRef: "11111111-1111-4111-8111-111111111111" }),
  };
  const [first, second] = [await ask(), await ask()];
  await deliver(ctx(), first, lying);
  await deliver(ctx(), second, lying);
  expect(await stateOf(first.deliveryId)).toMatchObject({ state: "sent" });
  expect(await stateOf(second.deliveryId)).toMatchObject({
    state: "unknown",
    failure: "unreadable",
    provider_ref: null,
  });
});

test.each([
  [
    "revoked meanwhile",
    "grant_ended",
    (grantId: string) =>
      db.sql`update grants set ended_at = now(), ended_as = 'revoked' where id = ${grantId}`,
  ],
  [
    "whose window is over",
    "grant_ended",
    (grantId: string) =>
      db.sql`update grants set starts_at = now() - interval '2 hours', expires_at = now() - interval '1 millisecond' where id = ${grantId}`,
  ],
  [
    "of a user disabled meanwhile",
    "grant_ended",
    (grantId: string) =>
      db.sql`update users set disabled_at = now() where id = (select user_id from grants where id = ${grantId})`,
  ],
  [
    "whose code is about to expire",
    "too_late",
    (grantId: string) =>
      db.sql`update challenge set expires_at = now() + interval '10 seconds' where grant_id = ${grantId}`,
  ],
])("a grant %s: nothing is sent, and the reason stands there", async (_, failure, happen) => {
  const asked = await ask();
  await happen(asked.grantId);
  await deliver(ctx(), asked, telephony.provider());
  expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "failed", failure });
  expect(await telephony.inbox(asked.toE164)).toHaveLength(0);
});

describe.each<[string, string, object]>([
  ["its method off for all", "method_off", { methodsOff: ["sms"] }],
  [
    "its method off for a group of the user's",
    "method_off",
    { methodsOffByGroup: [{ group: "Traders", methods: ["sms"], because: "rules" }] },
  ],
  ["its country off the list", "country_off", { countries: ["DE"] }],
])("a policy that takes %s meanwhile", (_, failure, change) => {
  afterEach(async () => {
    await inTransaction((tx) => insertPolicy(tx, defaultPolicy, null));
  });

  test("lets nothing out that waits, and the failure says so", async () => {
    const asked = await ask();
    await db.sql`insert into user_group (user_id, group_name) values (${asked.userId}, 'traders')`;
    await inTransaction((tx) => insertPolicy(tx, policySchema.parse(change), null));
    await deliver(ctx(), asked, telephony.provider());
    expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "failed", failure });
    expect(await eventsOf(asked.deliveryId)).toEqual(["delivery.asked", `delivery.failed ${failure}`]);
    expect(await telephony.inbox(asked.toE164)).toHaveLength(0);
  });
});

const setNumber = async (userId: string, number: string | null) => {
  const changed = await changePhone(staffContext("security"), { userId, channel: "sms", number });
  if (!changed.ok) throw new Error(changed.reason);
};
const importNumber = async (userId: string, phones: object) => {
  const person = {
    directoryId: userId,
    login: `user-${userId}`,
    firstName: "Ada",
    lastName: "L",
    displayName: "Ada L",
    phones,
  };
  await inTransaction((tx) => importUsers(tx, [person]));
};

describe.each<[string, (asked: { userId: string; toE164: string }) => Promise<void>]>([
  ["staff took away", ({ userId }) => setNumber(userId, null)],
  ["staff changed", ({ userId }) => setNumber(userId, freshNumber())],
  [
    "staff changed and set back, so that it is held,",
    async ({ userId, toE164 }) => {
      await setNumber(userId, null);
      await setNumber(userId, toE164);
    },
  ],
  ["the directory took away", ({ userId }) => importNumber(userId, {})],
  ["the directory changed", ({ userId }) => importNumber(userId, { sms: freshNumber() })],
])("a number that %s meanwhile", (_, change) => {
  test("isn't sent what waits, and the failure says so", async () => {
    const asked = await ask();
    await change(asked);
    await deliver(ctx(), asked, telephony.provider());
    expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "failed", failure: "number_changed" });
    expect(await eventsOf(asked.deliveryId)).toEqual(["delivery.asked", "delivery.failed number_changed"]);
    expect(await telephony.inbox(asked.toE164)).toHaveLength(0);
  });

  test("isn't sent what a worker was about to take", async () => {
    const asked = await ask();
    await change(asked);
    const claim = { ...asked, ...toCodeHmac({ ...asked, id: asked.challengeId }, "123456") };
    expect(await inTransaction((tx) => claimOtp(tx, claim))).toBeUndefined();
  });

  test.each([
    ["of an attempt", undefined],
    ["of the desk", null],
  ])("has got digits %s that open nothing", async (_, attemptId) => {
    const asked = await ask(attemptId === undefined ? {} : { attemptId });
    await deliver(ctx(), asked, telephony.provider());
    const [text] = await telephony.inbox(asked.toE164);
    await change(asked);
    expect(await judge(asked, readDigits(text?.text))).toMatchObject({ reason: "none" });
  });
});

test("a code that was overtaken before it left isn't sent", async () => {
  const asked = await ask({ attemptId: null });
  await db.sql`update challenge set created_at = created_at - interval '31 seconds' where id = ${asked.challengeId}`;
  const again = await inTransaction((tx) => sendChallenge(tx, staffContext(), asked));
  if (!again.ok) throw new Error(again.reason);
  await deliver(ctx(), asked, telephony.provider());
  await deliver(ctx(), again, telephony.provider());
  expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "failed", failure: "overtaken" });
  expect(await telephony.inbox(asked.toE164)).toHaveLength(1);
});

test("an opted-out number: failed, with what to do next", async () => {
  const asked = await ask({ toE164: "+12025550110" });
  await deliver(ctx(), asked, telephony.provider());
  await eventually(async () =>
    expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "failed", failure: "opted_out" }),
  );
});

test("a busy phone: failed as busy, and the next call is answered", async () => {
  const first = await ask({ toE164: "+12025550115", channel: "voice" });
  await deliver(ctx(), first, telephony.provider());
  await eventually(async () =>
    expect(await stateOf(first.deliveryId)).toMatchObject({ state: "failed", failure: "busy" }),
  );
  const second = await ask({ toE164: "+12025550115", channel: "voice" });
  await deliver(ctx(), second, telephony.provider());
  await eventually(async () =>
    expect(await stateOf(second.deliveryId)).toMatchObject({ state: "delivered" }),
  );
});

test("a voice mailbox: failed, although the call was answered and is completed, and nothing was said to it", async () => {
  const asked = await ask({ toE164: "+12025550117", channel: "voice" });
  await deliver(ctx(), asked, telephony.provider());
  await eventually(async () =>
    expect(
      await db.sql`select 1 from delivery_event where delivery_id = ${asked.deliveryId} and status = 'completed'`,
    ).toHaveLength(1),
  );
  await eventually(async () =>
    expect(await stateOf(asked.deliveryId)).toMatchObject({ state: "failed", failure: "voicemail" }),
  );
});

import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { beforeEach, expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { postBeginning, tenMegabytes } from "@/tools/testing/doors";
import { insertUser } from "@/tools/testing/rows";
import { openTelephony } from "@/tools/testing/telephony";

const db = openTestDatabase();
const telephony = openTelephony();

beforeEach(async () => {
  await db.sql`alter table audit_event disable trigger all`;
  await db.sql`delete from audit_event where kind = 'webhook.refused'`;
  await db.sql`alter table audit_event enable trigger all`;
});

async function insertDelivery(state = "sent", channel = "sms") {
  const id = randomUUID();
  const ref = randomUUID();
  const { id: userId } = await insertUser(db.sql);
  await db.sql`insert into delivery (id, purpose, channel, user_id, notice_kind, to_e_164, state, provider_ref)
    values (${id}, 'notice', ${channel}, ${userId}, 'access_issued', '+12025550101', ${state}, ${state === "sent" ? ref : null})`;
  return { id, ref };
}

type Delivery = Awaited<ReturnType<typeof insertDelivery>>;

const report = ({ id, ref }: Delivery, status: string, extra: object = {}) => ({
  message_uuid: ref,
  to: "12025550101",
  from: "12025550199",
  timestamp: new Date().toISOString(),
  channel: "sms",
  client_ref: id,
  status,
  ...extra,
});

async function sign(
  body: string,
  claims: object = {},
  secret = process.env.VONAGE_SIGNATURE_SECRET as string,
) {
  return new SignJWT({
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1000),
    payload_hash: createHash("sha256").update(body).digest("hex"),
    api_key: process.env.VONAGE_API_KEY as string,
    application_id: process.env.VONAGE_APPLICATION_ID as string,
    iss: "Vonage",
    ...claims,
  })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(secret));
}

async function post(body: string, token: string | undefined, path = "/webhooks/vonage/messages") {
  const answer = await fetch(`${telephony.doors}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body,
  });
  await answer.body?.cancel();
  return answer.status;
}

async function tell(delivery: Delivery, status: string, extra: object = {}, claims: object = {}) {
  const body = JSON.stringify(report(delivery, status, extra));
  return post(body, await sign(body, claims));
}

async function stateOf({ id }: Delivery) {
  const [row] = await db.sql`select state, failure, provider_ref as ref from delivery where id = ${id}`;
  return row;
}

async function countEvents({ id }: Delivery) {
  const [row] = await db.sql`select
    (select count(*)::int from delivery_event where delivery_id = ${id}) as kept,
    (select count(*)::int from audit_event where target_id = ${id}) as logged`;
  return row;
}

test("a report changes the state and is logged", async () => {
  const delivery = await insertDelivery();
  expect(await tell(delivery, "delivered")).toBe(200);
  expect(await stateOf(delivery)).toMatchObject({ state: "delivered" });
  expect(await countEvents(delivery)).toEqual({ kept: 1, logged: 1 });
});

test("webhook-replay: the same report again is answered 200 and changes nothing, also 20 times at once", async () => {
  const delivery = await insertDelivery();
  const body = JSON.stringify(report(delivery, "delivered"));
  const token = await sign(body);
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(body, token)));
  expect(answers).toEqual(Array(20).fill(200));
  expect(await countEvents(delivery)).toEqual({ kept: 1, logged: 1 });
});

test.each([
  [["submitted", "delivered", "undeliverable"]],
  [["submitted", "undeliverable", "delivered"]],
  [["delivered", "submitted", "undeliverable"]],
  [["delivered", "undeliverable", "submitted"]],
  [["undeliverable", "submitted", "delivered"]],
  [["undeliverable", "delivered", "submitted"]],
])("webhook-out-of-order: %s end as delivered, and every report is kept", async (statuses) => {
  const delivery = await insertDelivery("sending");
  for (const status of statuses) expect(await tell(delivery, status)).toBe(200);
  expect(await stateOf(delivery)).toMatchObject({ state: "delivered", failure: null });
  expect(await countEvents(delivery)).toMatchObject({ kept: 3 });
});

test("reports in parallel, in any order, end as delivered", async () => {
  const delivery = await insertDelivery("sending");
  await Promise.all(["delivered", "submitted", "undeliverable", "submitted"].map((s) => tell(delivery, s)));
  expect(await stateOf(delivery)).toMatchObject({ state: "delivered" });
});

test("a delivery whose answer was lost is found by our own id, and known again", async () => {
  const delivery = await insertDelivery("unknown");
  expect(await tell(delivery, "submitted")).toBe(200);
  expect(await stateOf(delivery)).toEqual({ state: "sent", failure: null, ref: delivery.ref });
});

test("a failure says why", async () => {
  const delivery = await insertDelivery();
  const error = { type: "https://developer.vonage.com/api-errors/messages#1240", title: 1240 };
  expect(await tell(delivery, "rejected", { error })).toBe(200);
  expect(await stateOf(delivery)).toMatchObject({ state: "failed", failure: "opted_out" });
});

test.each([
  ["busy", "busy"],
  ["unanswered", "no_answer"],
  ["timeout", "no_answer"],
  ["rejected", "declined"],
  ["machine", "voicemail"],
])("a call that ends as %s failed as %s", async (status, failure) => {
  const delivery = await insertDelivery("sending", "voice");
  const body = JSON.stringify({
    uuid: delivery.ref,
    conversation_uuid: `CON-${randomUUID()}`,
    status,
    timestamp: new Date().toISOString(),
    from: "12025550199",
    to: "12025550101",
    direction: "outbound",
  });
  expect(await post(body, await sign(body), `/webhooks/vonage/voice?delivery=${delivery.id}`)).toBe(200);
  expect(await stateOf(delivery)).toMatchObject({ state: "failed", failure });
});

test("a report of another of the provider's ids changes nothing, whatever delivery it names", async () => {
  const delivery = await insertDelivery();
  expect(await tell({ id: delivery.id, ref: randomUUID() }, "delivered")).toBe(404);
  expect(await stateOf(delivery)).toMatchObject({ state: "sent" });
});

test.each([
  ["without a token", async (_body: string) => undefined],
  ["signed by another secret", (body: string) => sign(body, {}, "another-secret-of-some-good-length")],
  ["signed for another body", (_body: string) => sign("{}")],
  ["of another account", (body: string) => sign(body, { api_key: "zzzz9999", application_id: randomUUID() })],
  ["of another issuer", (body: string) => sign(body, { iss: "Sonage" })],
  ["six minutes old", (body: string) => sign(body, { iat: Math.floor(Date.now() / 1000) - 360 })],
])("a report %s is refused by 401, changes nothing, and is logged", async (_, makeToken) => {
  const delivery = await insertDelivery();
  const body = JSON.stringify(report(delivery, "delivered"));
  expect(await post(body, await makeToken(body))).toBe(401);
  expect(await stateOf(delivery)).toMatchObject({ state: "sent" });
  const events = await db.sql`select outcome from audit_event where kind = 'webhook.refused'`;
  expect(events).toEqual([{ outcome: "refused" }]);
});

test("webhook-flood: a hundred forged reports write ten events, and from then on ask the database nothing", async () => {
  for (let batch = 0; batch < 10; batch += 1) {
    await Promise.all(Array.from({ length: 10 }, () => post("{}", undefined)));
  }
  const [row] = await db.sql`select count(*)::int as n from audit_event where kind = 'webhook.refused'`;
  expect(row?.n).toBeGreaterThanOrEqual(10);
  expect(row?.n).toBeLessThan(30);
  await db.sql.begin(async (tx) => {
    await tx`lock table audit_event in access exclusive mode`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => post("{}", undefined)));
    expect(new Set(answers)).toEqual(new Set([401]));
  });
});

test("10 MB are refused before they are read, NUL bytes and nonsense are refused as such", async () => {
  const headers = { ...tenMegabytes, authorization: `Bearer ${await sign("")}` };
  const big = await postBeginning(`${telephony.doors}/webhooks/vonage/messages`, headers, "xxx");
  expect(big).toMatchObject({ status: 413, body: { error: "bad_request" } });
  for (const body of ["\u0000", "[]", '{"message_uuid":"\u0000"}', "💥", ""]) {
    expect(await post(body, await sign(body)), JSON.stringify(body)).toBe(400);
  }
});

test("no address of the provider's reports takes anything but POST", async () => {
  const answer = await fetch(`${telephony.doors}/webhooks/vonage/messages`);
  expect(answer.status).toBe(404);
});

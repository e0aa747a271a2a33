import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { deliver } from "@/lib/otp/deliver";
import { systemContext } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { eventually } from "@/tools/testing/eventually";
import { insertUser } from "@/tools/testing/rows";
import { openTelephony } from "@/tools/testing/telephony";
import { listDeliveries } from "./list";
import { sendNotice } from "./notice";

const db = openTestDatabase({ SPAREKEY_COMPANY: "Lakeside Ltd", SPAREKEY_HELPDESK_PHONE: "+1 202 555 0100" });
const telephony = openTelephony();

const numbers = Array.from({ length: 500 }, (_, n) => `+1202555${2000 + n}`);
const fresh = () => numbers.pop() as string;

type Input = Omit<Parameters<typeof sendNotice>[2], "kind">;
const notify = (input: Input) =>
  inTransaction((tx) => sendNotice(tx, staffContext(), { kind: "access_issued", ...input }));

async function deliverAll(deliveryId: string | null) {
  if (deliveryId === null) throw new Error("no notice");
  const ctx = systemContext("worker", `test-${randomUUID()}`);
  await Promise.all([1, 2, 3].map(() => deliver(ctx, { deliveryId }, telephony.provider())));
}

test("a notice goes by text to the second phone, never to the one that carried the secret, once", async () => {
  const [sms, voice] = [fresh(), fresh()];
  const { id: userId } = await insertUser(db.sql, { sms, voice });
  const { deliveryId } = await notify({ userId, exceptChannel: "sms" });
  await deliverAll(deliveryId);
  expect(await telephony.inbox(sms)).toEqual([]);
  const [text, ...more] = await telephony.inbox(voice);
  expect(more).toEqual([]);
  expect(text?.text).toContain("Lakeside Ltd");
  expect(text?.text).toContain("+1 202 555 0100");
  expect(text?.text).not.toMatch(/\d{6}|http/);
});

test.each([
  [
    "who has but the phone that carried the secret",
    (sms: string) => ({ phones: { sms }, exceptChannel: "sms" }),
  ],
  [
    "whose other phone is a landline",
    (sms: string) => ({ phones: { sms, voice: "+442079460104" }, exceptChannel: "sms" }),
  ],
  ["who has no phone", () => ({ phones: {} })],
])("a user %s gets no notice, and nothing fails", async (_, prepare) => {
  const { phones, ...input } = prepare(fresh()) as { phones: { sms?: string }; exceptChannel?: "sms" };
  const { id: userId } = await insertUser(db.sql, phones);
  expect(await notify({ userId, ...input })).toEqual({ ok: true, deliveryId: null });
});

test("a held number is not told: an attacker may have set it", async () => {
  const { id: userId } = await insertUser(db.sql, { sms: fresh() });
  await db.sql`update user_phone set held_until = now() + interval '1 day' where user_id = ${userId}`;
  expect(await notify({ userId })).toEqual({ ok: true, deliveryId: null });
});

test("the old number is told of a change (limits, a phone number changed)", async () => {
  const old = fresh();
  const { id: userId } = await insertUser(db.sql, { sms: fresh() });
  const { deliveryId } = await inTransaction((tx) =>
    sendNotice(tx, staffContext(), { userId, kind: "phone_changed", toE164: old }),
  );
  await deliverAll(deliveryId);
  expect(await telephony.inbox(old)).toHaveLength(1);
});

test("notices to one number end at twenty a day; the rest is only logged", async () => {
  const { id: userId } = await insertUser(db.sql, { sms: fresh() });
  const notices = await Promise.all(Array.from({ length: 25 }, () => notify({ userId })));
  expect(notices.filter((notice) => notice.deliveryId !== null)).toHaveLength(20);
  const refused =
    await db.sql`select reason from audit_event where user_id = ${userId} and outcome = 'refused'`;
  expect(refused).toEqual(Array(5).fill({ reason: "send_limit" }));
});

test("staff see a user's deliveries with masked numbers, states, failures and what to do next", async () => {
  const { id: userId } = await insertUser(db.sql, { sms: "+12025550110" });
  const { deliveryId } = await notify({ userId });
  await deliverAll(deliveryId);
  await eventually(async () => {
    const [shown] = await listDeliveries(staffContext("helpdesk"), { userId });
    expect(shown).toMatchObject({
      id: deliveryId,
      purpose: "notice",
      noticeKind: "access_issued",
      to: "+1 ••• ••• 0110",
      state: "failed",
      failure: { kind: "opted_out", nextStep: "opt_in" },
    });
    expect(shown?.endedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });
  expect(await listDeliveries(staffContext("security"), { userId })).toMatchObject([
    { to: "+1 202 555 0110" },
  ]);
});

test("who types wrong codes over and over has three notices a day sent to a user at most", async () => {
  const { id: userId } = await insertUser(db.sql, { sms: fresh() });
  const burst = () =>
    inTransaction((tx) => sendNotice(tx, staffContext(), { userId, kind: "failures_burst" }));
  for (let told = 1; told <= 3; told += 1) expect((await burst()).deliveryId).not.toBeNull();
  expect((await burst()).deliveryId).toBeNull();
  expect((await notify({ userId })).deliveryId).not.toBeNull();
});

test("notices that strangers set off leave half of the day's money to OTPs", async () => {
  const { id: userId } = await insertUser(db.sql, { sms: fresh() });
  await db.sql`insert into send_budget (day, spent, sends) values ((now() at time zone 'utc')::date, 50, 500)
    on conflict (day) do update set spent = 50`;
  const { deliveryId } = await inTransaction((tx) =>
    sendNotice(tx, staffContext(), { userId, kind: "failures_burst" }),
  );
  expect(deliveryId).toBeNull();
  const bySelf = await inTransaction((tx) =>
    sendNotice(tx, { ...staffContext(), actor: { kind: "user" } }, { userId, kind: "access_issued" }),
  );
  expect(bySelf.deliveryId).toBeNull();
  expect((await notify({ userId })).deliveryId).not.toBeNull();
});

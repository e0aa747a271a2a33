import { beforeEach, expect, test } from "vitest";
import { importUsers } from "@/lib/directory/import";
import { findUsers } from "@/lib/directory/search";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { changePolicy } from "@/lib/policy/change";
import { readPolicy } from "@/lib/policy/store";
import { clientContext, openTestDatabase, staffContext } from "@/tools/testing/database";
import { changePhone } from "./change-phone";

const db = openTestDatabase();
const ctx = staffContext("security");
const person = {
  directoryId: "d-1",
  login: "vera.number",
  email: "vera.number@example.com",
  firstName: "Vera",
  lastName: "Number",
  displayName: "Vera Number",
  phones: { sms: "+12125550141", voice: "+442079460141" },
};
let userId = "";

beforeEach(async () => {
  await db.sql`delete from delivery`;
  await db.sql`delete from users`;
  await inTransaction((tx) => importUsers(tx, [person]));
  const [row] = await db.sql`select id from users`;
  userId = row?.id;
});

const phones = async () => {
  const rows = await db.sql`select channel, e164, changed_by is not null as "byHand",
    round(extract(epoch from held_until - now()) / 3600) as hours from user_phone order by channel`;
  return rows.map((row) => ({ ...row }));
};
const eventsOf = (outcome: string) =>
  db.sql`select reason, details, user_id from audit_event where request_id = ${ctx.requestId} and kind = 'phone.changed'
    and outcome = ${outcome} order by id`;

test("a number that staff set is held for 7 days, and the old one is told (limits, 63B binding)", async () => {
  const before = (await eventsOf("ok")).length;
  const result = await changePhone(ctx, { userId, channel: "sms", number: "+1 (212) 555-0155" });
  expect(result).toMatchObject({ ok: true, heldUntil: expect.any(Date) });
  expect(await phones()).toEqual([
    { channel: "sms", e164: "+12125550155", byHand: true, hours: "168" },
    { channel: "voice", e164: "+442079460141", byHand: false, hours: null },
  ]);
  const told = await db.sql`select to_e_164, purpose, notice_kind from delivery where user_id = ${userId}`;
  expect(told.map((row) => ({ ...row }))).toEqual([
    { to_e_164: "+12125550141", purpose: "notice", notice_kind: "phone_changed" },
  ]);
  const events = (await eventsOf("ok")).slice(before);
  expect(events.map((row) => ({ ...row }))).toEqual([
    { reason: null, user_id: userId, details: { channel: "sms", before: "41", after: "55" } },
  ]);
});

test("a number is held for as long as the policy says", async () => {
  const { version, policy } = await inStatement(readPolicy);
  const longer = { ...policy, phoneHoldSeconds: 30 * 86_400 };
  expect(
    await changePolicy(staffContext("owner"), { expectedVersion: version, policy: longer }),
  ).toMatchObject({ ok: true });
  await changePhone(ctx, { userId, channel: "sms", number: "+12125550155" });
  expect(await phones()).toMatchObject([{ channel: "sms", hours: "720" }, { channel: "voice" }]);
  await changePolicy(staffContext("owner"), { expectedVersion: version + 1, policy });
});

test("a number that takes no texts is not told; another of the user's is", async () => {
  await changePhone(ctx, { userId, channel: "voice", number: "+442079460142" });
  const told = await db.sql`select to_e_164 from delivery where user_id = ${userId}`;
  expect(told.map((row) => row.to_e_164)).toEqual(["+12125550141"]);
});

test("the look-up follows in the same transaction", async () => {
  await changePhone(ctx, { userId, channel: "sms", number: "+12125550155" });
  const find = async (query: string) => (await inStatement((tx) => findUsers(tx, { query }))).users.length;
  expect(await find("0155")).toBe(1);
  expect(await find("+12125550155")).toBe(1);
  expect(await find("+12125550141")).toBe(0);
  await changePhone(ctx, { userId, channel: "sms", number: null });
  expect(await find("0155")).toBe(0);
  expect(await phones()).toHaveLength(1);
});

test("a later import from the directory leaves the number alone", async () => {
  await changePhone(ctx, { userId, channel: "sms", number: "+12125550155" });
  await inTransaction((tx) => importUsers(tx, [{ ...person, phones: { sms: "+12125550166" } }]));
  expect((await phones()).map(({ e164 }) => e164)).toEqual(["+12125550155"]);
});

test("a number that staff took away isn't brought back by an import, until staff set one", async () => {
  await changePhone(ctx, { userId, channel: "sms", number: null });
  const bring = (sms: string) =>
    inTransaction((tx) => importUsers(tx, [{ ...person, phones: { ...person.phones, sms } }]));
  const texted = async () =>
    (await phones()).filter(({ channel }) => channel === "sms").map(({ e164 }) => e164);
  await bring("+12125550141");
  await bring("+12125550166");
  expect(await texted()).toEqual([]);
  await changePhone(ctx, { userId, channel: "sms", number: "+12125550155" });
  await bring("+12125550141");
  expect(await texted()).toEqual(["+12125550155"]);
});

test.each([
  ["no_number", "sms", "12"],
  ["no_number", "sms", "2125550155"],
  ["no_number", "sms", "+12125550155 ext. 5"],
  ["landline", "sms", "+442079460142"],
  ["country", "sms", "+4930123456"],
  ["number_barred", "voice", "+19002345678"],
  ["nothing_changed", "sms", "+1 212 555 0141"],
] as const)("refused with %s, and logged without the number: %s %j", async (reason, channel, number) => {
  const before = (await eventsOf("refused")).length;
  expect(await changePhone(ctx, { userId, channel, number })).toMatchObject({ ok: false, reason });
  const [event] = (await eventsOf("refused")).slice(before);
  expect(event).toMatchObject({ reason, details: { channel } });
  expect((await phones()).map(({ e164 }) => e164)).toEqual(["+12125550141", "+442079460141"]);
});

test("nobody changes their own number, and helpdesk nobody's", async () => {
  const change = { userId, channel: "sms", number: "+12125550155" } as const;
  const self = staffContext("owner", { userDirectoryId: "d-1" });
  expect(await changePhone(self, change)).toMatchObject({ ok: false, reason: "yourself" });
  for (const other of [staffContext("helpdesk"), staffContext("lead"), clientContext("integration")])
    await expect(changePhone(other, change)).rejects.toMatchObject({ name: "Denied" });
  expect(await changePhone(ctx, { ...change, userId: "00000000-0000-4000-8000-000000000000" })).toEqual({
    ok: false,
    reason: "user_not_found",
  });
});

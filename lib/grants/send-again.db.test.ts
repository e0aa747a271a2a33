import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Context } from "@/lib/platform/context";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { eventually } from "@/tools/testing/eventually";
import { expectIssued, insertPerson, wish } from "@/tools/testing/issuing";
import { issueGrant } from "./issue";
import { endEmergencyAccess } from "./revoke";
import { sendAgain } from "./send-again";

const db = openTestDatabase();

async function giveTexts(overrides: object = {}) {
  const userId = await insertPerson(db.sql);
  const { grant } = expectIssued(
    await issueGrant(staffContext(), wish(userId, { method: "sms", sendNow: true, ...overrides })),
  );
  return { userId, grantId: grant.id };
}

/** As if a minute had gone by since anything was sent to this user. */
const letAMinutePass = async (userId: string) => {
  await db.sql`update challenge set created_at = created_at - interval '1 minute' where user_id = ${userId}`;
  await db.sql`update delivery set created_at = created_at - interval '1 minute' where user_id = ${userId}`;
};

const challengesOf = (grantId: string) =>
  db.sql`select end_reason from challenge where grant_id = ${grantId} order by created_at`;

const eventsOf = (ctx: Context) =>
  db.sql`select kind, outcome, reason, grant_id, user_id, details from audit_event where request_id = ${ctx.requestId} order by id`;

test("whoever waits for a number doesn't hold the day's budget meanwhile, for which everybody waits (deadlock)", async () => {
  const userId = await insertPerson(db.sql);
  await db.sql`insert into send_budget (day) values ((now() at time zone 'utc')::date) on conflict do nothing`;
  const [other] = await db.sql<
    { e164: string }[]
  >`select e164 from user_phone where user_id = ${userId} and channel = 'voice'`;
  const waits = async () =>
    expect(
      await db.sql`select 1 from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`,
    ).toHaveLength(1);
  let issued: Promise<unknown> | undefined;
  await db.sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended(${`sparekey/send/number/${other?.e164}`}, 0))`;
    issued = issueGrant(staffContext(), wish(userId, { method: "sms", sendNow: true }));
    await eventually(waits);
    await tx`select from send_budget for update nowait`;
  });
  expect(await issued).toMatchObject({ ok: true });
});

test("another text goes out for the same grant, in place of the one before", async () => {
  const { userId, grantId } = await giveTexts();
  await letAMinutePass(userId);
  const ctx = staffContext();
  const sent = await sendAgain(ctx, { grantId });
  if (!sent.ok) throw new Error(sent.reason);
  expect(await challengesOf(grantId)).toEqual([{ end_reason: "resent" }, { end_reason: null }]);
  const [delivery] = await db.sql`select state, grant_id from delivery where id = ${sent.deliveryId}`;
  expect(delivery).toEqual({ state: "queued", grant_id: grantId });
  expect(await eventsOf(ctx)).toMatchObject([
    { kind: "delivery.asked", outcome: "ok", grant_id: grantId, details: { channel: "sms", again: true } },
  ]);
  expect(await db.sql`select id from grants where user_id = ${userId}`).toEqual([{ id: grantId }]);
});

test("of ten presses at once one text goes out", async () => {
  const { userId, grantId } = await giveTexts({ sendNow: false });
  const results = await Promise.all(Array.from({ length: 10 }, () => sendAgain(staffContext(), { grantId })));
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results.filter((each) => !each.ok && each.reason === "too_soon")).toHaveLength(9);
  expect(await db.sql`select 1 from delivery where user_id = ${userId} and purpose = 'otp'`).toHaveLength(1);
});

const none = randomUUID();
test.each<[string, () => Promise<{ grantId: string; ctx?: Context }>, string]>([
  ["nobody's grant", async () => ({ grantId: none }), "grant_not_found"],
  [
    "an access code",
    async () => ({
      grantId: expectIssued(await issueGrant(staffContext(), wish(await insertPerson(db.sql)))).grant.id,
    }),
    "nothing_to_send",
  ],
  [
    "access that was ended",
    async () => {
      const { userId, grantId } = await giveTexts();
      await endEmergencyAccess(staffContext(), { userId, reason: "found" });
      return { grantId };
    },
    "already_ended",
  ],
  [
    "access whose window is over",
    async () => {
      const { grantId } = await giveTexts();
      await db.sql`update grants set starts_at = now() - interval '1 hour', expires_at = now() - interval '1 millisecond' where id = ${grantId}`;
      return { grantId };
    },
    "already_ended",
  ],
  ["a text of this moment", () => giveTexts(), "too_soon"],
  [
    "a number that was taken away",
    async () => {
      const given = await giveTexts();
      await db.sql`delete from user_phone where user_id = ${given.userId} and channel = 'sms'`;
      return given;
    },
    "no_number",
  ],
  [
    "a user who was disabled meanwhile",
    async () => {
      const given = await giveTexts();
      await db.sql`update users set disabled_at = now() where id = ${given.userId}`;
      return given;
    },
    "user_disabled",
  ],
  [
    "themselves",
    async () => {
      const given = await giveTexts();
      const [row] = await db.sql`select directory_id from users where id = ${given.userId}`;
      return { ...given, ctx: staffContext("helpdesk", { userDirectoryId: row?.directory_id }) };
    },
    "yourself",
  ],
])("nothing is sent for %s, and the log has it once", async (_, prepare, reason) => {
  const { grantId, ctx = staffContext() } = await prepare();
  const count = async () => (await db.sql`select 1 from delivery where grant_id = ${grantId}`).length;
  const before = await count();
  expect(await sendAgain(ctx, { grantId })).toMatchObject({ ok: false, reason });
  expect(await count()).toBe(before);
  expect(await eventsOf(ctx)).toMatchObject([{ kind: "delivery.asked", outcome: "refused", reason }]);
});

test("who may not give access may not send either", async () => {
  const { grantId } = await giveTexts();
  await expect(sendAgain(staffContext("auditor"), { grantId })).rejects.toMatchObject({
    permission: "grant:issue",
  });
});

test("nothing is sent while issuing is stopped", async () => {
  const { userId, grantId } = await giveTexts();
  await letAMinutePass(userId);
  await db.sql`update server_state set issuing_stopped_at = now(), issuing_stopped_reason = 'generation'`;
  expect(await sendAgain(staffContext(), { grantId })).toMatchObject({ reason: "issuing_stopped" });
});

import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { systemContext } from "@/lib/platform/context";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { expectIssued, insertPerson, issueCode, wish } from "@/tools/testing/issuing";
import { insertUser } from "@/tools/testing/rows";
import { expireGrants } from "./expire";
import { issueGrant } from "./issue";
import { endEmergencyAccess, revokeGrant } from "./revoke";

const db = openTestDatabase();

const eventsOf = (requestId: string) =>
  db.sql`select kind, outcome, reason, actor_kind, grant_id, details from audit_event where request_id = ${requestId} and kind like 'grant.%' order by id`;

test("a revoked grant says who ended it, why and when, and the log does too", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId } = await issueCode(userId);
  const ctx = staffContext();
  const result = await revokeGrant(ctx, { grantId, reason: "suspicious" });
  expect(result).toMatchObject({
    ok: true,
    grant: { id: grantId, endedAs: "revoked", endReason: "suspicious", endedAt: expect.any(Date) },
  });
  expect(await eventsOf(ctx.requestId)).toMatchObject([
    { kind: "grant.revoked", outcome: "ok", reason: "suspicious", grant_id: grantId },
  ]);
});

test("late-retry: revoking a grant that ended before changes nothing, least of all the one that followed it", async () => {
  const userId = await insertPerson(db.sql);
  const first = await issueCode(userId);
  const second = await issueCode(userId);
  const ctx = staffContext();
  const result = await revokeGrant(ctx, { grantId: first.grantId, reason: "found" });
  expect(result).toMatchObject({ reason: "already_ended", grant: { endedAs: "replaced" } });
  expect(await eventsOf(ctx.requestId)).toMatchObject([{ outcome: "refused", reason: "already_ended" }]);
  const [live] = await db.sql`select ended_at from grants where id = ${second.grantId}`;
  expect(live).toEqual({ ended_at: null });
});

test("of 20 who revoke the same grant at once one does, and the others are told how it ended", async () => {
  const { grantId } = await issueCode(await insertPerson(db.sql));
  const results = await Promise.all(
    Array.from({ length: 20 }, () => revokeGrant(staffContext(), { grantId, reason: "found" })),
  );
  expect(results.filter((each) => each.ok)).toHaveLength(1);
  expect(
    await db.sql`select 1 from audit_event where grant_id = ${grantId} and kind = 'grant.revoked' and outcome = 'ok'`,
  ).toHaveLength(1);
});

test("an unknown grant and an unknown user are refusals in the log; an auditor is denied", async () => {
  const ctx = staffContext();
  expect(await revokeGrant(ctx, { grantId: randomUUID(), reason: "found" })).toMatchObject({
    reason: "grant_not_found",
  });
  expect(await endEmergencyAccess(ctx, { userId: randomUUID(), reason: "found" })).toMatchObject({
    reason: "user_not_found",
  });
  expect(await eventsOf(ctx.requestId)).toMatchObject([
    { outcome: "refused", reason: "grant_not_found" },
    { outcome: "refused", reason: "user_not_found" },
  ]);
  await expect(
    endEmergencyAccess(staffContext("auditor"), { userId: randomUUID(), reason: "found" }),
  ).rejects.toMatchObject({ name: "Denied" });
});

test("found it again: one act ends every method at once, the OTPs under way included, and says which", async () => {
  const userId = await insertPerson(db.sql);
  for (const method of ["sms", "voice", "access_code"]) {
    expectIssued(await issueGrant(staffContext(), wish(userId, { method, sendNow: method === "sms" })));
  }
  const [before] = await db.sql`select 1 from challenge where user_id = ${userId} and ended_at is null`;
  expect(before).toBeDefined();
  const ctx = staffContext();
  const result = await endEmergencyAccess(ctx, { userId, reason: "found" });
  expect(result.ok && result.ended.map((grant) => grant.method).sort()).toEqual([
    "access_code",
    "sms",
    "voice",
  ]);
  expect(await db.sql`select 1 from grants where user_id = ${userId} and ended_at is null`).toHaveLength(0);
  expect(await db.sql`select end_reason from challenge where user_id = ${userId}`).toEqual([
    { end_reason: "grant_revoked" },
  ]);
  expect(await eventsOf(ctx.requestId)).toHaveLength(3);
});

test("ending what has ended already is no error, and the log has the act", async () => {
  const ctx = staffContext();
  const userId = await insertPerson(db.sql);
  expect(await endEmergencyAccess(ctx, { userId, reason: "found" })).toEqual({ ok: true, ended: [] });
  expect(await eventsOf(ctx.requestId)).toMatchObject([{ outcome: "ok", details: { ended: 0 } }]);
});

test("the user is told of what was revoked by one text, however many methods ended", async () => {
  const userId = await insertPerson(db.sql);
  for (const method of ["sms", "access_code"]) {
    expectIssued(await issueGrant(staffContext(), wish(userId, { method })));
  }
  await endEmergencyAccess(staffContext(), { userId, reason: "suspicious" });
  expect(
    await db.sql`select to_e_164 from delivery where user_id = ${userId} and notice_kind = 'access_revoked'`,
  ).toHaveLength(1);
});

test.each([
  {
    methods: ["sms", "access_code"],
    phones: { sms: "+12025553001", voice: "+12025553002" },
    told: "+12025553002",
  },
  {
    methods: ["voice", "access_code"],
    phones: { sms: "+12025553003", voice: "+12025553004" },
    told: "+12025553003",
  },
  { methods: ["sms", "access_code"], phones: { sms: "+12025553005" }, told: "+12025553005" },
])(
  "where $methods ended the text goes to $told, the phone that carried nothing if there is one (limits, notice to the user)",
  async ({ methods, phones, told }) => {
    const { id: userId } = await insertUser(db.sql, phones);
    for (const method of methods) expectIssued(await issueGrant(staffContext(), wish(userId, { method })));
    await endEmergencyAccess(staffContext(), { userId, reason: "suspicious" });
    expect(
      await db.sql`select to_e_164 from delivery where user_id = ${userId} and notice_kind = 'access_revoked'`,
    ).toEqual([{ to_e_164: told }]);
  },
);

test("the sweep closes each grant that is past its time once, as of that time, however many sweep at once", async () => {
  const userIds = await Promise.all(Array.from({ length: 130 }, () => insertPerson(db.sql)));
  await db.sql`insert into grants ${db.sql(
    userIds.map((user_id) => ({
      user_id,
      method: "sms",
      starts_at: new Date(Date.now() - 7_200_000),
      expires_at: new Date(Date.now() - 3_600_000),
      issuer_kind: "system",
      reason: "lost",
      policy_version: 0,
      generation: 1,
    })),
  )}`;
  const ctx = systemContext("sweep", `test-${randomUUID()}`);
  const closed = await Promise.all([expireGrants(ctx), expireGrants(ctx), expireGrants(ctx)]);
  expect(closed.reduce((sum, each) => sum + each, 0)).toBe(130);
  expect(
    await db.sql`select 1 from grants where user_id in ${db.sql(userIds)} and ended_as = 'expired' and ended_at = expires_at`,
  ).toHaveLength(130);
  const events = await eventsOf(ctx.requestId);
  expect(events).toHaveLength(130);
  expect(events[0]).toMatchObject({ kind: "grant.expired", outcome: "ok", actor_kind: "system" });
});

test("nobody but the worker sweeps", async () => {
  await expect(expireGrants(staffContext("owner"))).rejects.toMatchObject({ name: "Denied" });
});

test("what a spent code opened is closed when staff end all access, once, and the code stays spent", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId } = await issueCode(userId);
  await db.sql`update grants set uses_count = 1, ended_at = now(), ended_as = 'spent' where id = ${grantId}`;
  const ctx = staffContext();
  for (let time = 1; time <= 2; time += 1) await endEmergencyAccess(ctx, { userId, reason: "found" });
  expect((await eventsOf(ctx.requestId)).filter(({ kind }) => kind === "grant.closed")).toMatchObject([
    { outcome: "ok", grant_id: grantId, details: { method: "access_code" } },
  ]);
  const [grant] = await db.sql`select ended_as, closed_at from grants where id = ${grantId}`;
  expect(grant).toMatchObject({ ended_as: "spent", closed_at: expect.any(Date) });
});

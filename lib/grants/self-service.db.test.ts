import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { systemContext } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { changePolicy } from "@/lib/policy/change";
import { policySchema } from "@/lib/policy/model";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { expectIssued, insertPerson, wish } from "@/tools/testing/issuing";
import { issueGrant } from "./issue";
import { tellUser } from "./notify";
import { issueSelfService } from "./self-service";

const db = openTestDatabase();

const begin = (userId: string, ctx = publicContext()) =>
  inTransaction((tx) => issueSelfService(tx, ctx, { userId, channel: "sms" }));

test("nobody begins without the desk where the policy says nothing", async () => {
  const userId = await insertPerson(db.sql, {}, ["sales"]);
  expect(await begin(userId)).toEqual({ ok: false, reason: "not_open" });
  expect(await db.sql`select 1 from grants where user_id = ${userId}`).toHaveLength(0);
});

test("a member of a group that may begins with a grant for one use and 15 minutes, which the log says is their own", async () => {
  const policy = policySchema.parse({ selfService: { groups: ["sales", "domain-admins"] } });
  await changePolicy(staffContext("owner"), { expectedVersion: 0, policy });
  const userId = await insertPerson(db.sql, {}, ["sales"]);
  const ctx = systemContext("worker", `test-${randomUUID()}`);
  const result = await begin(userId, ctx);
  if (!result.ok) throw new Error(result.reason);
  const { grant } = result;
  expect(grant).toMatchObject({ method: "sms", usesMax: 1, issuer: { kind: "user", id: null } });
  expect(grant.expiresAt.getTime() - grant.startsAt.getTime()).toBe(900_000);
  expect(
    await db.sql`select kind, outcome, actor_kind from audit_event where request_id = ${ctx.requestId} and grant_id = ${grant.id}`,
  ).toEqual([{ kind: "grant.issued", outcome: "ok", actor_kind: "user" }]);
});

test("of 10 who ask at once one grant is made, and one that the desk gave is used rather than replaced", async () => {
  const asking = await insertPerson(db.sql, {}, ["sales"]);
  const results = await Promise.all(Array.from({ length: 10 }, () => begin(asking)));
  expect(new Set(results.map((each) => each.ok && each.grant.id)).size).toBe(1);
  const given = await insertPerson(db.sql, {}, ["sales"]);
  const { grant } = expectIssued(await issueGrant(staffContext(), wish(given, { method: "sms" })));
  expect(await begin(given)).toMatchObject({ ok: true, grant: { id: grant.id } });
});

test("a group doesn't open what is closed to the person: disabled, privileged, without a number", async () => {
  const disabled = await insertPerson(db.sql, { disabled_at: new Date() }, ["sales"]);
  const privileged = await insertPerson(db.sql, {}, ["domain-admins"]);
  const without = await insertPerson(db.sql, {}, ["sales"]);
  await db.sql`delete from user_phone where user_id = ${without}`;
  expect(await begin(disabled)).toMatchObject({ reason: "user_disabled" });
  expect(await begin(privileged)).toMatchObject({ reason: "privileged" });
  expect(await begin(without)).toMatchObject({ reason: "no_number" });
});

test("who used a text is told at another phone that takes texts, never at the one that carried the code", async () => {
  const [one, two] = [await insertPerson(db.sql), await insertPerson(db.sql)];
  await db.sql`update user_phone set e164 = '+12023334444', last4 = '4444' where user_id = ${two} and channel = 'voice'`;
  const ctx = systemContext("worker", `test-${randomUUID()}`);
  for (const userId of [one, two]) await tellUser(ctx, { userId, kind: "access_used", method: "sms" });
  expect(
    await db.sql`select user_id, to_e_164 from delivery where notice_kind = 'access_used' and user_id in ${db.sql([one, two])}`,
  ).toEqual([{ user_id: two, to_e_164: "+12023334444" }]);
  await expect(
    tellUser(staffContext("owner"), { userId: one, kind: "access_used", method: "sms" }),
  ).rejects.toMatchObject({ name: "Denied" });
});

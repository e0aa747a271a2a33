import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { endEmergencyAccess, revokeGrant } from "@/lib/grants/revoke";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { beginAttempt } from "./begin";
import { consumeAttempt } from "./consume";
import { beginAttemptInput } from "./input";

const db = openTestDatabase();

/** An attempt at `/otp` that was just proven, and the browser that did. */
async function prove() {
  const { id: userId } = await insertUser(db.sql);
  const { id: grantId } = await insertGrant(db.sql, userId);
  const { attemptId, secret } = await beginAttempt(
    publicContext(),
    beginAttemptInput.parse({ door: "otp_page", subjectName: "somebody", application: "payroll" }),
  );
  await db.sql`update authn_attempt set state = 'succeeded', ended_at = now(), user_id = ${userId}, method = 'sms',
      grant_id = ${grantId}
    where id = ${attemptId}`;
  return { userId, grantId, attemptId, holder: { kind: "browser", secret: secret as string } as const };
}

const eventsOf = (requestId: string) =>
  db.sql`select kind, outcome, reason, user_id from audit_event where request_id = ${requestId}`;

test("of ten who take up one success one is let in, and each of them is in the log", async () => {
  const { userId, grantId: _, ...attempt } = await prove();
  const ctx = publicContext();
  const results = await Promise.all(
    Array.from({ length: 10 }, () => consumeAttempt(ctx, { ...attempt, application: "payroll" })),
  );
  expect(results.filter(({ ok }) => ok)).toMatchObject([{ ok: true, userId, method: "sms" }]);
  const events = await eventsOf(ctx.requestId);
  expect(events.filter(({ outcome }) => outcome === "ok")).toEqual([
    { kind: "attempt.consumed", outcome: "ok", reason: null, user_id: userId },
  ]);
  expect(events.filter(({ outcome }) => outcome === "refused")).toEqual(
    Array(9).fill({ kind: "attempt.consumed", outcome: "refused", reason: "gone", user_id: null }),
  );
});

test.each<[string, (attempt: Awaited<ReturnType<typeof prove>>) => Promise<object>]>([
  ["to another browser", async () => ({ holder: { kind: "browser", secret: randomUUID() } })],
  ["at another application", async () => ({ application: "wages" })],
  [
    "two minutes later",
    async ({ attemptId }) => {
      await db.sql`update authn_attempt set ended_at = now() - interval '121 seconds' where id = ${attemptId}`;
      return {};
    },
  ],
  [
    "after the user was disabled",
    async ({ userId }) => {
      await db.sql`update users set disabled_at = now() where id = ${userId}`;
      return {};
    },
  ],
  [
    "after the grant was revoked",
    async ({ grantId }) => {
      await revokeGrant(staffContext(), { grantId, reason: "suspicious" });
      return {};
    },
  ],
  [
    "after staff ended what the spent grant had opened",
    async ({ userId, grantId }) => {
      await db.sql`update grants set uses_count = 1, ended_at = now(), ended_as = 'spent' where id = ${grantId}`;
      await endEmergencyAccess(staffContext(), { userId, reason: "suspicious" });
      return {};
    },
  ],
  [
    "after the grant's window",
    async ({ grantId }) => {
      await db.sql`update grants set starts_at = now() - interval '1 hour', expires_at = now() - interval '1 second' where id = ${grantId}`;
      return {};
    },
  ],
])("a success opens nothing %s, and the log has it", async (_, change) => {
  const proven = await prove();
  const { attemptId, holder } = proven;
  const ctx = publicContext();
  const input = { attemptId, holder, application: "payroll", ...(await change(proven)) };
  expect(await consumeAttempt(ctx, input)).toEqual({ ok: false, reason: "gone" });
  expect(await eventsOf(ctx.requestId)).toMatchObject([{ outcome: "refused", reason: "gone" }]);
});

import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { recordEvent } from "./record";

const db = openTestDatabase();

test("an event says who, what, why, from where and when, with names and addresses apart", async () => {
  const ctx = staffContext("owner");
  await inTransaction((tx) =>
    recordEvent(tx, ctx, { kind: "policy.changed", outcome: "ok", details: { version: 2 } }),
  );
  const [event] =
    await db.sql`select e.*, p.actor_label, p.source_ip from audit_event e join audit_personal p on p.event_id = e.id`;
  expect(event).toMatchObject({
    kind: "policy.changed",
    outcome: "ok",
    actor_kind: "staff",
    request_id: ctx.requestId,
    details: { version: 2 },
    actor_label: "Hanna Desk",
    source_ip: "192.0.2.10",
  });
});

test("an event is there if and only if its effect is: a rollback takes it along", async () => {
  const ctx = staffContext();
  await expect(
    inTransaction(async (tx) => {
      await recordEvent(tx, ctx, { kind: "grant.issued", outcome: "ok" });
      throw new Error("power cut");
    }),
  ).rejects.toThrow("power cut");
  expect(await db.sql`select 1 from audit_event where request_id = ${ctx.requestId}`).toHaveLength(0);
});

test("a denial is in the log before it is thrown", async () => {
  const ctx = staffContext("auditor");
  await expect(requirePermission(ctx, "grant:issue")).rejects.toMatchObject({ name: "Denied" });
  const [event] =
    await db.sql`select kind, outcome, reason from audit_event where request_id = ${ctx.requestId}`;
  expect(event).toEqual({ kind: "access.denied", outcome: "denied", reason: "grant:issue" });
});

test.each([
  "update audit_event set reason = 'x'",
  "delete from audit_event",
  "truncate audit_event",
  "update audit_personal set actor_label = 'x'",
  "delete from policy_version",
])("the application can add to the log and read it, and nothing else: %s", async (statement) => {
  await expect(inStatement((tx) => tx.execute(sql.raw(statement)))).rejects.toMatchObject({
    cause: { code: "42501" },
  });
});

test.each([
  "update audit_event set reason = 'x' where true",
  "delete from audit_event where true",
  "truncate audit_event",
])("not even the owner of the tables changes the log by a plain statement: %s", async (statement) => {
  await inTransaction((tx) => recordEvent(tx, staffContext(), { kind: "audit.read", outcome: "ok" }));
  await expect(db.sql.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
});

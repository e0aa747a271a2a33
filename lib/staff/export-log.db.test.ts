import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { exportLogInput } from "@/lib/audit/list-input";
import { recordEvent } from "@/lib/audit/record";
import { inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { exportLog } from "./export-log";

const db = openTestDatabase();
const security = () => staffContext("security");

async function read(filters: object = {}, ctx = security()): Promise<Record<string, string>[]> {
  const { name, type, pieces } = await exportLog(ctx, exportLogInput.parse(filters));
  expect(name).toMatch(/^audit-\d{4}-\d\d-\d\d\.csv$/);
  expect(type).toBe("text/csv; charset=utf-8");
  let text = "";
  for await (const piece of pieces) text += piece;
  return parse(text, { columns: true });
}

test("the whole log comes out, the newest first, however many pages it takes, and each event once", async () => {
  await db.sql`insert into audit_event (kind, outcome, actor_kind, request_id, details)
    select 'grant.expired', 'ok', 'system', 'r' || n, jsonb_build_object('count', n) from generate_series(1, 2500) n`;
  const rows = await read({ kind: "grant.expired" });
  expect(rows.map(({ requestId }) => requestId)).toEqual(
    Array.from({ length: 2500 }, (_, n) => `r${2500 - n}`),
  );
  expect(JSON.parse(rows[0]?.details ?? "")).toEqual({ count: 2500 });
});

test("what comes in while it is read stays out", async () => {
  const { pieces } = await exportLog(security(), exportLogInput.parse({ kind: "grant.expired" }));
  const read: string[] = [];
  for await (const piece of pieces) {
    read.push(piece);
    if (read.length === 2)
      await db.sql`insert into audit_event (kind, outcome, actor_kind, request_id, details)
        values ('grant.expired', 'ok', 'system', 'late', '{}')`;
  }
  expect(read).toHaveLength(4);
  expect(read.join("")).not.toContain(",late,");
});

test("that it was exported is in the log before the first byte, with the names of the filters and not what they hold", async () => {
  const ctx = security();
  await exportLog(ctx, exportLogInput.parse({ kind: "grant.expired", outcome: "ok", since: "2026-01-01" }));
  const events =
    await db.sql`select kind, outcome, details from audit_event where request_id = ${ctx.requestId}`;
  expect([...events]).toEqual([
    { kind: "audit.exported", outcome: "ok", details: { filters: "kind, outcome, since" } },
  ]);
});

test("what somebody sent is no formula in a spreadsheet, and stays in its cell", async () => {
  const ctx = { ...security(), userAgent: '=HYPERLINK("https://evil.example","x"),\r\n"' };
  await inTransaction((tx) =>
    recordEvent(tx, ctx, { kind: "code.throttled", outcome: "refused", reason: "wrong" }),
  );
  const [row] = await read({ kind: "code.throttled" });
  expect(row?.userAgent).toBe(`'${ctx.userAgent}`);
});

test.each(["helpdesk", "lead"] as const)("a %s exports nothing", async (role) => {
  await expect(read({}, staffContext(role))).rejects.toMatchObject({ name: "Denied" });
});

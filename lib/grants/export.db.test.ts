import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertUser } from "@/tools/testing/rows";
import { exportGrants } from "./export";

const db = openTestDatabase();

async function read(filter: object, ctx = staffContext("auditor")): Promise<Record<string, string>[]> {
  const { pieces } = await exportGrants(ctx, filter);
  let text = "";
  for await (const piece of pieces) text += piece;
  return parse(text, { columns: true });
}

test("everything that was issued comes out once, the newest first, with whom, by whom and how it ended", async () => {
  const { id: userId } = await insertUser(db.sql, { sms: "+12025550101" });
  await db.sql`insert into grants (user_id, method, starts_at, expires_at, issuer_kind, issuer_id, issuer_label, reason, reason_note,
      ticket, policy_version, generation, ended_at, ended_as, ended_by, end_reason, created_at)
    select ${userId}, 'sms', now() - make_interval(mins => n), now() - make_interval(mins => n) + interval '1 minute', 'staff', 's', 'Hanna Desk',
      'lost', '=1+1', 'INC-' || n, 0, 1, now(), 'revoked', 'staff:s', 'found', now() - make_interval(mins => n)
    from generate_series(1, 1200) n`;
  const ctx = staffContext("auditor");
  const rows = await read({ userId }, ctx);
  expect(rows.map(({ ticket }) => ticket)).toEqual(Array.from({ length: 1200 }, (_, n) => `INC-${n + 1}`));
  expect(rows[0]).toMatchObject({
    method: "sms",
    state: "revoked",
    userId,
    issuer: "Hanna Desk",
    reason: "lost",
    note: "'=1+1",
    endReason: "found",
    usesMax: "",
  });
  expect(rows[0]?.issuedAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  const events =
    await db.sql`select kind, user_id, details from audit_event where request_id = ${ctx.requestId}`;
  expect([...events]).toEqual([{ kind: "grant.exported", user_id: userId, details: { filters: "userId" } }]);
});

test("no code and no whole number stands in it", async () => {
  const [row] = await read({});
  expect(Object.keys(row ?? {}).filter((name) => /phone|number|e164|code$/i.test(name))).toEqual([]);
  expect(JSON.stringify(row)).not.toContain("+1202555");
});

test.each(["helpdesk", "lead"] as const)("a %s exports nothing", async (role) => {
  await expect(read({}, staffContext(role))).rejects.toMatchObject({ name: "Denied" });
});

import { expect, test } from "vitest";
import { Denied } from "@/lib/platform/outcome";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { findIssuingStop, resumeIssuing } from "./resume-issuing";

const db = openTestDatabase();

const stop = () =>
  db.sql`update server_state set issuing_stopped_at = now(), issuing_stopped_reason = 'generation'`;

test("an owner who showed a second factor lately lets issuing go on, once, and the log says so", async () => {
  await stop();
  expect(await findIssuingStop(staffContext("helpdesk"))).toBeInstanceOf(Date);
  const results = await Promise.all([
    resumeIssuing(staffContext("owner")),
    resumeIssuing(staffContext("owner")),
  ]);
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  expect(results).toContainEqual({ ok: false, reason: "not_stopped" });
  expect(await findIssuingStop(staffContext("auditor"))).toBeNull();
  const events =
    await db.sql`select outcome, reason, details ->> 'because' as because from audit_event where kind = 'server.issuing-resumed' order by outcome`;
  expect(events).toMatchObject([
    { outcome: "ok", reason: null, because: "generation" },
    { outcome: "refused", reason: "not_stopped", because: null },
  ]);
});

test("nobody else does, and no owner on an old second factor", async () => {
  await stop();
  for (const role of ["helpdesk", "lead", "security", "auditor"] as const)
    await expect(resumeIssuing(staffContext(role))).rejects.toBeInstanceOf(Denied);
  expect(await resumeIssuing(staffContext("owner", { isSteppedUp: false }))).toEqual({
    ok: false,
    reason: "step_up_needed",
  });
  expect(await findIssuingStop(staffContext("owner"))).toBeInstanceOf(Date);
});

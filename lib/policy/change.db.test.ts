import { expect, test } from "vitest";
import { inStatement } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { changePolicy } from "./change";
import { defaultPolicy } from "./model";
import { forgetPolicy, getPolicy, readPolicy } from "./store";

const db = openTestDatabase();

const stricter = (windowSecondsMax: number) => ({
  ...defaultPolicy,
  grants: { ...defaultPolicy.grants, windowSecondsMax },
});

test("an installation that never changed it has the defaults, as version 0", async () => {
  expect(await inStatement(getPolicy)).toEqual({ version: 0, policy: defaultPolicy });
});

test("a change is in force at once, and the log names what changed and who did it", async () => {
  const ctx = staffContext("owner");
  const result = await changePolicy(ctx, { expectedVersion: 0, policy: stricter(7200) });
  expect(result).toMatchObject({ ok: true, version: 1 });
  expect((await inStatement(getPolicy)).policy.grants.windowSecondsMax).toBe(7200);
  const [event] =
    await db.sql`select kind, outcome, details from audit_event where request_id = ${ctx.requestId}`;
  expect(event).toEqual({
    kind: "policy.changed",
    outcome: "ok",
    details: { version: 1, before: 0, changed: "grants.windowSecondsMax" },
  });
});

test("whoever was reading the policy while it changed doesn't bring the earlier one back", async () => {
  const before = await inStatement(readPolicy);
  forgetPolicy();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = inStatement(async (tx) => {
    const late = {
      select: () => ({ from: () => ({ orderBy: () => ({ limit: () => held.then(() => []) }) }) }),
    };
    return getPolicy(late as unknown as typeof tx);
  });
  const windowSecondsMax = 9000;
  const changed = await changePolicy(staffContext("owner"), {
    expectedVersion: before.version,
    policy: stricter(windowSecondsMax),
  });
  expect(changed.ok).toBe(true);
  release();
  expect((await slow).version).toBe(0);
  expect((await inStatement(getPolicy)).policy.grants.windowSecondsMax).toBe(windowSecondsMax);
});

test("two-authors: the second of two at once is shown what the first made, and overwrites nothing", async () => {
  const { version } = await inStatement(getPolicy);
  const results = await Promise.all(
    [3600, 1800].map((seconds) =>
      changePolicy(staffContext("owner"), { expectedVersion: version, policy: stricter(seconds) }),
    ),
  );
  expect(results.filter((each) => each.ok)).toHaveLength(1);
  expect(results.filter((each) => !each.ok && each.reason === "changed_meanwhile")).toHaveLength(1);
});

test("a second factor shown 16 minutes ago changes nothing, and the refusal is in the log", async () => {
  const ctx = staffContext("owner", { isSteppedUp: false });
  const { version } = await inStatement(getPolicy);
  const result = await changePolicy(ctx, { expectedVersion: version, policy: defaultPolicy });
  expect(result).toEqual({ ok: false, reason: "step_up_needed" });
  const [event] = await db.sql`select outcome, reason from audit_event where request_id = ${ctx.requestId}`;
  expect(event).toEqual({ outcome: "refused", reason: "step_up_needed" });
});

test.each([
  ["the list", { ...defaultPolicy, countries: ["US", "XX"] }, "XX"],
  [
    "the prices",
    {
      ...defaultPolicy,
      budget: { ...defaultPolicy.budget, call: { otherwise: 1, byCountry: { UK: 2 } } },
    },
    "UK",
  ],
])("what is no country isn't taken into %s", async (_, policy, country) => {
  const { version } = await inStatement(getPolicy);
  const result = await changePolicy(staffContext("owner"), { expectedVersion: version, policy });
  expect(result).toEqual({ ok: false, reason: "unknown_country", country });
});

test("helpdesk, lead and auditor change nothing", async () => {
  for (const role of ["helpdesk", "lead", "auditor"] as const) {
    const attempt = changePolicy(staffContext(role), { expectedVersion: 0, policy: defaultPolicy });
    await expect(attempt).rejects.toMatchObject({ name: "Denied" });
  }
});

test("a stored document that this program can't read is a fault, never a default", async () => {
  const { forgetPolicy } = await import("./store");
  await db.sql`insert into policy_version (document) values ('{"from": "the future"}')`;
  forgetPolicy();
  await expect(inStatement(getPolicy)).rejects.toThrow();
});

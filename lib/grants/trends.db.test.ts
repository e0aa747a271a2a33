import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { readTrends } from "./trends";

const db = openTestDatabase();

/** A grant, ended, that was made at a time. */
async function issueAt(at: string, method: "sms" | "voice" = "sms"): Promise<void> {
  const { id: userId } = await insertUser(db.sql);
  const { id } = await insertGrant(db.sql, userId, method);
  await db.sql`update grants set created_at = ${at}::text::timestamptz where id = ${id}`;
}

test("grants are counted on the day that it was where the reader is, and days without any are there", async () => {
  const [row] = await db.sql`select to_char(now() at time zone 'Pacific/Auckland', 'YYYY-MM-DD') as today,
    to_char((now() at time zone 'Pacific/Auckland') - interval '29 days', 'YYYY-MM-DD') as first,
    to_char((now() at time zone 'Pacific/Auckland') - interval '30 days', 'YYYY-MM-DD') as before`;
  const { today, first, before } = row as { today: string; first: string; before: string };
  await issueAt(`${today} 00:00:00 Pacific/Auckland`);
  await issueAt(`${today} 00:00:00 Pacific/Auckland`, "voice");
  await issueAt(`${first} 00:00:00 Pacific/Auckland`);
  await issueAt(`${before} 23:59:59 Pacific/Auckland`);
  const { days } = await readTrends(staffContext("security"), { timeZone: "Pacific/Auckland" });
  expect(days).toHaveLength(30);
  expect(days[0]).toEqual({ day: first, sms: 1, voice: 0, access_code: 0 });
  expect(days.at(-1)).toEqual({ day: today, sms: 1, voice: 1, access_code: 0 });
  expect(days.slice(1, -1).every(({ sms, voice, access_code }) => sms + voice + access_code === 0)).toBe(
    true,
  );
});

test("texts and calls are counted by country and by what became of them, the busiest first", async () => {
  const { id: userId } = await insertUser(db.sql);
  const send = (country: string | null, state: string, at = "now()") =>
    db.sql`insert into delivery (id, purpose, channel, user_id, notice_kind, to_e_164, country, state, failure, created_at)
      values (${randomUUID()}, 'notice', 'sms', ${userId}, 'access_used', '+12025550101', ${country}, ${state},
        ${state === "failed" ? "busy" : null}, ${at === "now()" ? db.sql`now()` : db.sql`now() - interval '31 days'`})`;
  for (const state of ["delivered", "delivered", "failed", "unknown", "sent"]) await send("GB", state);
  for (const state of ["queued", "sending", "delivered"]) await send("US", state);
  await send(null, "failed");
  await send("DE", "delivered", "long ago");
  const { countries } = await readTrends(staffContext("auditor"), { timeZone: "UTC" });
  expect(countries).toEqual([
    { country: "GB", delivered: 2, failed: 1, unknown: 1, underWay: 1 },
    { country: "US", delivered: 1, failed: 0, unknown: 0, underWay: 2 },
    { country: null, delivered: 0, failed: 1, unknown: 0, underWay: 0 },
  ]);
});

test("helpdesk doesn't read it", async () => {
  await expect(readTrends(staffContext("helpdesk"), { timeZone: "UTC" })).rejects.toMatchObject({
    name: "Denied",
  });
});

import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { expectIssued, insertPerson, issueCode, wish } from "@/tools/testing/issuing";
import { issueGrant } from "./issue";
import { listGrants } from "./list";
import { readUserAccess } from "./read";

const db = openTestDatabase();

async function accessOf(userId: string, ctx = staffContext()) {
  const access = await readUserAccess(ctx, { userId });
  if (!access.ok) throw new Error(access.reason);
  return access;
}

test("what lives and what ended stand apart, by one clock, and no code is in it", async () => {
  const userId = await insertPerson(db.sql);
  const first = await issueCode(userId);
  const second = await issueCode(userId);
  await db.sql`insert into grants (user_id, method, starts_at, expires_at, issuer_kind, reason, policy_version, generation)
    values (${userId}, 'voice', now() - interval '2 hours', now() - interval '1 second', 'system', 'lost', 0, 1)`;
  const access = await accessOf(userId);
  expect(access.live).toMatchObject([
    { id: second.grantId, state: "live", code: { form: "standard", slotNumber: 2 } },
  ]);
  expect(access.history.map((each) => [each.method, each.state])).toEqual(
    expect.arrayContaining([
      ["access_code", "replaced"],
      ["voice", "expired"],
    ]),
  );
  expect(access.history.find((each) => each.id === first.grantId)).toMatchObject({
    replacedById: second.grantId,
  });
  expect(JSON.stringify(access)).not.toContain(second.text);
});

test("a grant shows how far its newest text has come", async () => {
  const userId = await insertPerson(db.sql);
  const issued = expectIssued(
    await issueGrant(staffContext(), wish(userId, { method: "sms", sendNow: true })),
  );
  expect((await accessOf(userId)).live).toMatchObject([
    { lastDelivery: { id: issued.deliveryId, channel: "sms", state: "queued", failure: null } },
  ]);
});

test("a method that can't work says why, for whoever looks", async () => {
  const userId = await insertPerson(db.sql);
  await db.sql`delete from user_phone where user_id = ${userId} and channel = 'voice'`;
  const { offers } = await accessOf(userId);
  expect(offers).toMatchObject([
    { method: "sms", offered: true },
    { method: "voice", offered: false, because: { reason: "no_number" } },
    { method: "access_code", offered: true, forms: ["standard", "short"], uses: ["once"] },
  ]);
  const seen = await accessOf(userId, staffContext("auditor"));
  expect(seen.offers.every((each) => !each.offered && each.because.reason === "no_permission")).toBe(true);
});

test("an unknown user is a refusal", async () => {
  expect(await readUserAccess(staffContext(), { userId: randomUUID() })).toMatchObject({
    reason: "user_not_found",
  });
});

test("the list is filtered, and its pages neither miss nor repeat a grant while others are issued", async () => {
  const ctx = staffContext("lead");
  const users = await Promise.all(Array.from({ length: 7 }, () => insertPerson(db.sql)));
  const from = new Date();
  for (const userId of users) {
    expectIssued(await issueGrant(ctx, wish(userId, { reason: "stolen", method: "sms" })));
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listGrants(ctx, { reason: "stolen", from, limit: 3, ...(cursor ? { cursor } : {}) });
    if (!page.ok) throw new Error(page.reason);
    seen.push(...page.grants.map((grant) => grant.user.id));
    cursor = page.nextCursor ?? undefined;
    await issueCode(await insertPerson(db.sql), { reason: "stolen" });
  } while (cursor !== undefined);
  expect(seen).toEqual(users.toReversed());
});

test("each filter of the list narrows it", async () => {
  const ctx = staffContext("lead");
  const userId = await insertPerson(db.sql);
  await issueGrant(ctx, wish(userId, { method: "voice", reason: "broken" }));
  const find = async (filter: object) => {
    const page = await listGrants(ctx, { userId, ...filter });
    return page.ok ? page.grants.length : page.reason;
  };
  const issuerId = ctx.actor.kind === "staff" ? ctx.actor.staffId : "";
  for (const filter of [{ method: "voice" }, { state: "live" }, { reason: "broken" }, { issuerId }]) {
    expect(await find(filter)).toBe(1);
  }
  const others = [
    { method: "sms" },
    ...["spent", "expired", "revoked", "replaced"].map((state) => ({ state })),
    { reason: "lost" },
    { issuerId: randomUUID() },
    { from: new Date(Date.now() + 60_000) },
    { to: new Date(0) },
  ];
  for (const filter of others) expect(await find(filter)).toBe(0);
  await db.sql`update grants set starts_at = now() - interval '9 hours', expires_at = now() - interval '1 millisecond' where user_id = ${userId}`;
  expect([await find({ state: "live" }), await find({ state: "expired" })]).toEqual([0, 1]);
});

const yearZero = "0000-01-01T00:00:00.000Z 00000000-0000-4000-8000-000000000000";

test.each([
  "",
  "x",
  Buffer.from("2026-01-01 x").toString("base64url"),
  Buffer.from(yearZero).toString("base64url"),
  "%00",
])("a cursor that no list gave is refused: %j", async (cursor) => {
  expect(await listGrants(staffContext("lead"), { cursor })).toEqual({ ok: false, reason: "bad_cursor" });
});

test("helpdesk doesn't list what others issued", async () => {
  await expect(listGrants(staffContext("helpdesk"), {})).rejects.toMatchObject({ name: "Denied" });
});

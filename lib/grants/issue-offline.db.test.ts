import { expect, test, vi } from "vitest";
import * as anchors from "@/lib/codes/anchor";
import { judgeOffline } from "@/lib/codes/judge";
import { windowSecondsLimit } from "@/lib/policy/model";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { expectIssued, insertPerson, wish } from "@/tools/testing/issuing";
import { holdSlots, insertMachine, insertSlots, type TestSlot } from "@/tools/testing/offline";
import { issueGrant } from "./issue";

vi.mock(import("@/lib/codes/anchor"), { spy: true });

const db = openTestDatabase();
const hour = 3_600_000;

async function issue(userId: string, overrides: object = {}) {
  return expectIssued(
    await issueGrant(staffContext("owner"), wish(userId, { replaces: "any", ...overrides })),
  );
}

const slotsOf = (userId: string) =>
  db.sql`select id, number, kind, issued_at is not null as issued, retired_at is not null as retired, seed_cipher, seed_key_id from slot where user_id = ${userId} order by number`;

/** What a machine says that knows no more than the package with these slots. */
async function judge(text: string, slots: readonly TestSlot[], now = new Date()): Promise<string> {
  const known = slots.map(({ id, slotEpoch, ...slot }) => ({
    ...slot,
    slotId: id,
    epoch: slotEpoch,
    kind: "once" as const,
    state: "open" as const,
  }));
  const { outcome } = await judgeOffline(
    { input: text, user: { userId: slots[0]!.userId, slots: known }, now },
    {
      notAfter: new Date(Date.now() + 14 * 24 * hour),
      serverTime: new Date(Date.now() - 50 * hour),
      codeSecondsMax: windowSecondsLimit,
    },
    { clockMark: 0, users: {} },
    anchors.hashAnchor,
  );
  return outcome;
}

test("a code that is issued while the laptop is offline opens it by what it synced before, until its hour and not after", async () => {
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId] });
  const slots = await insertSlots(db.sql, userId, ["once", "once"], new Date(Date.now() - 50 * hour));
  await holdSlots(db.sql, laptop, slots);
  const { code, offline } = await issue(userId, { windowSeconds: 5 * 3600 });
  expect(await judge(code!.text, slots)).toBe("yes");
  expect(await judge(code!.text, slots.slice(1))).toBe("wrong");
  expect(await judge(code!.text, slots, new Date(code!.offlineExpiresAt!.getTime() - 1))).toBe("yes");
  expect(await judge(code!.text, slots, code!.offlineExpiresAt!)).toBe("expired");
  expect(offline).toMatchObject({
    worksOn: [{ machineId: laptop.id, name: laptop.name, until: code!.offlineExpiresAt, leftAfter: 1 }],
    notOn: [],
  });
});

test("a slot that is there costs no Argon2id, and its seed is gone with the issue", async () => {
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId] });
  await holdSlots(db.sql, laptop, await insertSlots(db.sql, userId));
  vi.mocked(anchors.hashAnchor).mockClear();
  await issue(userId);
  expect(anchors.hashAnchor).not.toHaveBeenCalled();
  expect(await slotsOf(userId)).toMatchObject([
    { number: 1, issued: true, seed_cipher: null, seed_key_id: null },
    { number: 2, issued: false, retired: false },
  ]);
});

test("numbers only rise: what is skipped is retired with its seed, and never issued", async () => {
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId] });
  const other = await insertMachine(db.sql, { users: [userId] });
  const slots = await insertSlots(db.sql, userId, ["once", "once", "once"]);
  await holdSlots(db.sql, laptop, slots.slice(1));
  await holdSlots(db.sql, other, slots.slice(0, 1));
  const { offline } = await issue(userId, { machineId: laptop.id });
  expect(offline!.worksOn.map(({ machineId }) => machineId)).toEqual([laptop.id]);
  expect(offline!.notOn).toMatchObject([{ machineId: other.id, name: other.name, why: "no_slot" }]);
  expect(await slotsOf(userId)).toMatchObject([
    { number: 1, issued: false, retired: true, seed_cipher: null },
    { number: 2, issued: true },
    { number: 3, issued: false, retired: false },
  ]);
  const next = await issue(userId, { machineId: other.id });
  expect(next.grant.code!.slotNumber).toBe(3);
});

test("with no slot left the code is made at issue, works online only, and says so; slots below it are retired", async () => {
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId] });
  const fresh = await insertMachine(db.sql, { users: [userId], syncedAt: null });
  await holdSlots(db.sql, laptop, await insertSlots(db.sql, userId, ["reusable"]));
  const { offline, grant } = await issue(userId);
  expect(grant.code!.slotNumber).toBe(2);
  expect(offline).toMatchObject({
    worksOn: [],
    notOn: [
      { machineId: laptop.id, name: laptop.name, why: "no_slot" },
      { machineId: fresh.id, name: fresh.name, why: "no_package" },
    ],
  });
  expect(await slotsOf(userId)).toMatchObject([{ retired: true, seed_cipher: null }, { issued: true }]);
});

test("a package that is over counts for nothing, and a machine that has ended is no machine of the user's", async () => {
  const userId = await insertPerson(db.sql);
  const stale = await insertMachine(db.sql, { users: [userId], packageUntil: new Date(Date.now() - 1) });
  const lost = await insertMachine(db.sql, { users: [userId] });
  const kept = await insertMachine(db.sql, { users: [userId] });
  const slots = await insertSlots(db.sql, userId, ["once", "once", "once"]);
  await holdSlots(db.sql, stale, slots.slice(0, 1));
  await holdSlots(db.sql, lost, slots.slice(1, 2));
  await holdSlots(db.sql, kept, slots.slice(2));
  await db.sql`update machine set ended_at = now(), ended_as = 'released' where id = ${lost.id}`;
  const { offline, grant } = await issue(userId, { machineId: lost.id });
  expect(grant.code!.slotNumber).toBe(3);
  expect(offline!.worksOn.map(({ machineId }) => machineId)).toEqual([kept.id]);
  expect(offline!.notOn).toMatchObject([{ machineId: stale.id, name: stale.name, why: "package_over" }]);
});

test("a slot whose chain can't reach the wanted expiry is not taken", async () => {
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId] });
  const [old] = await insertSlots(db.sql, userId, ["once"], new Date(Date.now() - 1020 * hour));
  await holdSlots(db.sql, laptop, [old!]);
  const { code, grant } = await issue(userId, { windowSeconds: 24 * 3600 });
  expect(grant.code!.slotNumber).toBe(2);
  expect(code!.offlineExpiresAt!.getTime()).toBeGreaterThanOrEqual(grant.expiresAt.getTime());
});

test("of 50 who issue at once each gets a slot of its own or none: one code is live, no slot is issued twice, no seed is left", async () => {
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId] });
  const slots = await insertSlots(
    db.sql,
    userId,
    Array.from({ length: 20 }, () => "once" as const),
  );
  await holdSlots(db.sql, laptop, slots);
  const results = await Promise.all(
    Array.from({ length: 50 }, () => issueGrant(staffContext("owner"), wish(userId, { replaces: "any" }))),
  );
  expect(results.every(({ ok }) => ok)).toBe(true);
  const numbers = results.map((result) => expectIssued(result).grant.code!.slotNumber!);
  expect(new Set(numbers).size).toBe(50);
  const [counts] = await db.sql`
    select (select count(*)::int from grants where user_id = ${userId} and ended_at is null) as live,
      (select count(*)::int from slot where user_id = ${userId} and issued_at is not null and seed_cipher is not null) as seeds,
      (select count(distinct a.slot_id)::int from access_code a join grants g on g.id = a.grant_id where g.user_id = ${userId}) as slots`;
  expect(counts).toEqual({ live: 1, seeds: 0, slots: 50 });
  const [live] = await db.sql`
    select s.number from grants g join access_code a on a.grant_id = g.id join slot s on s.id = a.slot_id where g.user_id = ${userId} and g.ended_at is null`;
  expect(live!.number).toBe(Math.max(...numbers));
});

test("of two staff who were shown the same user one issues, and the slot of the other stays", async () => {
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId] });
  await holdSlots(db.sql, laptop, await insertSlots(db.sql, userId));
  const results = await Promise.all(
    [1, 2].map(() => issueGrant(staffContext("owner"), wish(userId, { replaces: null }))),
  );
  expect(results.map((result) => (result.ok ? "issued" : result.reason)).sort()).toEqual([
    "changed_meanwhile",
    "issued",
  ]);
  expect(await slotsOf(userId)).toMatchObject([{ issued: true }, { issued: false, retired: false }]);
});

test("a slot that is retired while it is being taken is not issued: the code is made instead", async () => {
  const userId = await insertPerson(db.sql);
  const [slot] = await insertSlots(db.sql, userId, ["once"]);
  const retiring = await db.sql.reserve();
  await retiring`begin`;
  await retiring`update slot set retired_at = now(), seed_cipher = null, seed_key_id = null where id = ${slot!.id}`;
  const issuing = issue(userId);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await retiring`commit`;
  retiring.release();
  expect((await issuing).grant.code!.slotNumber).toBe(2);
  expect(await slotsOf(userId)).toMatchObject([{ issued: false, retired: true }, { issued: true }]);
});

test("a short code touches no slot, and says that it works nowhere offline", async () => {
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId] });
  await holdSlots(db.sql, laptop, await insertSlots(db.sql, userId));
  const { offline } = await issue(userId, { form: "short", windowSeconds: 3600 });
  expect(offline).toMatchObject({
    worksOn: [],
    notOn: [{ machineId: laptop.id, name: laptop.name, why: "short_code" }],
  });
  expect(await slotsOf(userId)).toMatchObject([{ issued: false, retired: false }, { issued: false }]);
});

test("a seed that was put into another slot's row issues nothing", async () => {
  const userId = await insertPerson(db.sql);
  const [one, two] = await insertSlots(db.sql, userId);
  await db.sql`update slot set seed_cipher = (select seed_cipher from slot where id = ${two!.id}) where id = ${one!.id}`;
  await expect(issueGrant(staffContext("owner"), wish(userId))).rejects.toThrow("do not open");
  expect(await db.sql`select 1 from grants where user_id = ${userId}`).toHaveLength(0);
});

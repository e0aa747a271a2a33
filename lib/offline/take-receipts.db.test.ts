import { randomUUID } from "node:crypto";
import { expect, test, vi } from "vitest";
import * as anchors from "@/lib/codes/anchor";
import { redeemAccessCode } from "@/lib/grants/redeem";
import { revokeGrant } from "@/lib/grants/revoke";
import type { Context } from "@/lib/platform/context";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import {
  hashOf,
  holdSlots,
  insertMachine,
  insertSlots,
  keepReceipts,
  proveBySeed,
  proveUse,
  type TestMachine,
  type TestSlot,
} from "@/tools/testing/offline";
import { takeReceipts } from "./take-receipts";

vi.mock(import("@/lib/codes/anchor"), { spy: true });

const db = openTestDatabase();
const minute = 60_000;
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();

const as = ({ id, name }: TestMachine): Context => ({
  actor: { kind: "machine", machineId: id, name },
  requestId: `test-${randomUUID()}`,
  sourceIp: "192.0.2.40",
  userAgent: "sparekey-agent/1",
});
const handIn = async (machine: TestMachine, receipts: string[]) => {
  const head = await takeReceipts(as(machine), receipts);
  return { seq: head.seq, hash: Buffer.from(head.hash).toString("base64url") };
};

/** A user on a laptop that synced an hour ago, two slots, and the first of them issued. */
async function begin(overrides: object = {}, kinds: ("once" | "reusable")[] = ["once", "once"]) {
  const userId = await insertPerson(db.sql);
  const syncedAt = new Date(Date.now() - 60 * minute);
  const laptop = await insertMachine(db.sql, { users: [userId], syncedAt });
  const slots = await insertSlots(db.sql, userId, kinds);
  await holdSlots(db.sql, laptop, slots);
  const { text, grantId } = await issueCode(userId, overrides);
  const log = keepReceipts(laptop, { serial: syncedAt.getTime() });
  const yes = (slot: TestSlot, said: object = {}) =>
    ({
      outcome: "yes",
      at: ago(10 * minute),
      userId,
      slotId: slot.id,
      proof: proveUse(text, slot),
      ...said,
    }) as const;
  return { userId, laptop, slots, slot: slots[0]!, text, grantId, log, yes, serial: syncedAt.getTime() };
}

async function otherLaptop(userId: string, slots: TestSlot[], syncedAt = new Date(Date.now() - 60 * minute)) {
  const machine = await insertMachine(db.sql, { users: [userId], syncedAt });
  await holdSlots(db.sql, machine, slots);
  return { machine, log: keepReceipts(machine, { serial: syncedAt.getTime() }) };
}

const grantOf = async (grantId: string) =>
  (await db.sql`select ended_as, uses_count, last_used_at from grants where id = ${grantId}`)[0]!;
const alarmsOf = async (machine: { id: string }) =>
  (
    await db.sql<{ kind: string }[]>`
      select kind, details from machine_alarm where machine_id = ${machine.id} order by raised_at, kind`
  ).map(({ kind }) => kind);
const eventsOf = (grantId: string) =>
  db.sql`select kind, reason, target_id, details from audit_event where grant_id = ${grantId} and kind in ('grant.redeemed', 'grant.used-late') order by id`;
const redeem = (userId: string, input: string) =>
  redeemAccessCode(publicContext(), {
    userId,
    input,
    attemptId: null,
    subjectKey: randomUUID(),
    sourceKey: randomUUID(),
  });

test("a code that was used offline is spent online, with both times and the machine in the log", async () => {
  const { laptop, slot, grantId, userId, text, log, yes } = await begin();
  const at = ago(10 * minute);
  const receipt = await log.write(yes(slot, { at }));
  expect(await handIn(laptop, [receipt])).toEqual({ seq: 1, hash: hashOf(receipt) });
  expect(await grantOf(grantId)).toMatchObject({
    ended_as: "spent",
    uses_count: 1,
    last_used_at: new Date(at),
  });
  const [event] = await eventsOf(grantId);
  expect(event).toMatchObject({
    kind: "grant.redeemed",
    target_id: laptop.id,
    details: { offline: true, machine: laptop.name, usedAt: at },
  });
  expect(Date.parse(event!.details.receivedAt) - Date.parse(at)).toBeGreaterThan(9 * minute);
  expect(await redeem(userId, text)).toMatchObject({ ok: false, reason: "spent" });
  expect(await alarmsOf(laptop)).toEqual([]);
});

const noticesOf = (userId: string) =>
  db.sql`
    select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = 'notify' and payload->>'userId' = ${userId} and payload->>'kind' = 'access_used'`;

test("the user is told of the use, as of one online", async () => {
  const { laptop, slot, log, yes, userId } = await begin();
  await handIn(laptop, [await log.write(yes(slot))]);
  expect(await noticesOf(userId)).toHaveLength(1);
});

test.each(["expired", "revoked", "spent"])(
  "the user is told of a use that is learned of when the code is %s, once (limits, notice to the user)",
  async (endedAs) => {
    const { laptop, slot, grantId, log, yes, userId } = await begin();
    const uses = endedAs === "spent" ? 1 : 0;
    await db.sql`update grants set ended_at = now(), ended_as = ${endedAs}, uses_count = ${uses} where id = ${grantId}`;
    const receipts = [await log.write(yes(slot))];
    await handIn(laptop, receipts);
    await handIn(laptop, receipts);
    expect(await eventsOf(grantId)).toMatchObject([{ kind: "grant.used-late", reason: endedAs }]);
    expect(await noticesOf(userId)).toHaveLength(1);
  },
);

test("receipts that come again, all or some, at once or later, count once", async () => {
  const { laptop, slot, grantId, log, yes, userId } = await begin();
  const receipts = [
    await log.write({ outcome: "wrong", userId, at: ago(11 * minute) }),
    await log.write(yes(slot)),
    await log.write({ outcome: "mistyped", at: ago(9 * minute) }),
  ];
  const heads = await Promise.all(Array.from({ length: 4 }, () => handIn(laptop, receipts)));
  expect(new Set(heads.map(({ seq }) => seq))).toEqual(new Set([3]));
  await handIn(laptop, receipts.slice(1));
  expect(await handIn(laptop, [])).toEqual({ seq: 3, hash: hashOf(receipts[2]!) });
  expect(await eventsOf(grantId)).toHaveLength(1);
  expect((await db.sql`select count(*)::int as n from receipt where machine_id = ${laptop.id}`)[0]!.n).toBe(
    3,
  );
  expect(await alarmsOf(laptop)).toEqual([]);
});

test("a crash at the last step leaves nothing behind, and handed in again all is taken once", async () => {
  const { laptop, slot, grantId, log, yes } = await begin();
  const receipts = [await log.write({ outcome: "mistyped" }), await log.write(yes(slot))];
  await db.sql`create function crash() returns trigger language plpgsql as $$ begin raise exception 'crash'; end $$`;
  await db.sql`create trigger crash before update of receipt_seq on machine for each row execute function crash()`;
  await expect(handIn(laptop, receipts)).rejects.toThrow("P0001");
  expect(await grantOf(grantId)).toMatchObject({ ended_as: null, uses_count: 0 });
  expect(await db.sql`select 1 from receipt where machine_id = ${laptop.id}`).toHaveLength(0);
  await db.sql`drop function crash cascade`;
  expect(await handIn(laptop, receipts)).toMatchObject({ seq: 2 });
  expect(await eventsOf(grantId)).toMatchObject([{ kind: "grant.redeemed" }]);
});

test("out of order in a request they are taken in theirs; what was missing is welcome later, and its absence an alarm", async () => {
  const { laptop, slot, grantId, log, yes } = await begin();
  const [one, two, three, four] = [
    await log.write({ outcome: "mistyped", at: ago(13 * minute) }),
    await log.write(yes(slot, { at: ago(12 * minute) })),
    await log.write({ outcome: "mistyped", at: ago(11 * minute) }),
    await log.write({ outcome: "mistyped", at: ago(10 * minute) }),
  ];
  expect(await handIn(laptop, [one!])).toMatchObject({ seq: 1 });
  expect(await handIn(laptop, [four!, three!])).toMatchObject({ seq: 4 });
  expect(await alarmsOf(laptop)).toEqual(["gap"]);
  expect(await handIn(laptop, [two!])).toEqual({ seq: 4, hash: hashOf(four!) });
  expect(await alarmsOf(laptop)).toEqual(["gap"]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "spent" });
});

test("a log that was written twice from one place is a fork, and the use in it is spent all the same", async () => {
  const { laptop, slot, grantId, log, yes, serial } = await begin();
  const before = await log.write({ outcome: "mistyped", at: ago(12 * minute) });
  const told = await log.write({ outcome: "mistyped", at: ago(11 * minute) });
  const rolledBack = keepReceipts(laptop, { serial });
  Object.assign(rolledBack, { seq: 1, previous: hashOf(before) });
  const hidden = await rolledBack.write(yes(slot));
  await handIn(laptop, [before, told]);
  expect(await handIn(laptop, [hidden])).toEqual({ seq: 2, hash: hashOf(told) });
  expect(await alarmsOf(laptop)).toEqual(["fork"]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "spent" });
});

test("a receipt that names another before than the one we hold is a fork, and the log goes on behind it", async () => {
  const { laptop, log } = await begin();
  await handIn(laptop, [await log.write({ outcome: "mistyped" })]);
  log.previous = hashOf("something else");
  const other = await log.write({ outcome: "mistyped" });
  expect(await handIn(laptop, [other])).toEqual({ seq: 2, hash: hashOf(other) });
  await handIn(laptop, [await log.write({ outcome: "mistyped" })]);
  expect(await alarmsOf(laptop)).toEqual(["fork"]);
});

test.each([
  ["forged: signed by another key", (text: string) => text],
  ["bit-flipped", (text: string) => text.replace(/.(?=\.[^.]*$)/, (c) => (c === "A" ? "B" : "A"))],
  ["cut short", (text: string) => text.slice(0, -20)],
  ["no JWS", () => "nonsense"],
])("%s: not kept, nothing spent, one alarm however often it comes", async (what, spoil) => {
  const { laptop, slot, grantId, log, yes, userId, slots } = await begin();
  const other = await otherLaptop(userId, slots);
  const forged = what.startsWith("forged")
    ? await keepReceipts({ ...other.machine, id: laptop.id }, { serial: 1 }).write(yes(slot))
    : spoil(await log.write(yes(slot)));
  expect(await handIn(laptop, [forged])).toEqual({ seq: 0, hash: hashOf("") });
  await handIn(laptop, [forged, forged]);
  expect(await alarmsOf(laptop)).toEqual(["bad_receipt"]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: null, uses_count: 0 });
  expect(await db.sql`select 1 from receipt where machine_id = ${laptop.id}`).toHaveLength(0);
});

test("a receipt of another machine is none of this one's", async () => {
  const { laptop, slot, grantId, yes, userId, slots } = await begin();
  const other = await otherLaptop(userId, slots);
  await handIn(laptop, [await other.log.write(yes(slot))]);
  expect(await alarmsOf(laptop)).toEqual(["bad_receipt"]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: null });
});

test.each([
  ["no proof", () => ({ proof: null })],
  [
    "a proof that isn't of the slot",
    () => ({ proof: Buffer.from(randomUUID().slice(0, 9)).toString("base64url") }),
  ],
  ["the proof of another slot", ({ slots }: { slots: TestSlot[] }) => ({ proof: proveBySeed(slots[1]!) })],
  ["a slot that nobody knows", () => ({ slotId: randomUUID() })],
  ["somebody else's name", () => ({ userId: randomUUID() })],
])("a use that is claimed with %s spends nothing and raises false_proof", async (_, spoil) => {
  const { laptop, slot, grantId, log, yes, slots } = await begin();
  const { seq } = await handIn(laptop, [await log.write(yes(slot, spoil({ slots })))]);
  expect(seq).toBe(1);
  expect(await alarmsOf(laptop)).toEqual(["false_proof"]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: null, uses_count: 0 });
});

test("false proofs cost one Argon2id a request, however many come", async () => {
  const { laptop, slot, log, yes } = await begin();
  const receipts: string[] = [];
  for (let n = 0; n < 20; n += 1)
    receipts.push(
      await log.write(
        yes(slot, { proof: Buffer.from(`\u0001guess${n}  `.slice(0, 9)).toString("base64url") }),
      ),
    );
  vi.mocked(anchors.hashAnchor).mockClear();
  expect(await handIn(laptop, receipts)).toMatchObject({ seq: 1 });
  expect(anchors.hashAnchor).toHaveBeenCalledTimes(1);
  expect(await handIn(laptop, receipts.slice(1))).toMatchObject({ seq: 2 });
  expect(anchors.hashAnchor).toHaveBeenCalledTimes(2);
});

test("a receipt at the edge of what can be stored is taken or refused, never a fault", async () => {
  const { laptop, log } = await begin();
  log.seq = 2 ** 31 - 2;
  expect(await handIn(laptop, [await log.write({ outcome: "mistyped" })])).toMatchObject({
    seq: 2 ** 31 - 1,
  });
  const year0 = keepReceipts(laptop, { serial: 1 });
  await handIn(laptop, [await year0.write({ outcome: "clock_back", at: "0000-01-01T00:00:00.000Z" })]);
  expect(await alarmsOf(laptop)).toEqual(["gap", "bad_receipt"]);
});

test.each([
  ["in the future", { at: new Date(Date.now() + 6 * minute).toISOString() }],
  ["before the package that it names", { at: ago(66 * minute) }],
  ["after the end that any package has", { at: ago(0), serial: Date.now() - 15 * 24 * 60 * minute }],
])("a use %s is spent and raises impossible_time", async (_, said) => {
  const { laptop, slot, grantId, log, yes } = await begin();
  await handIn(laptop, [await log.write(yes(slot, said))]);
  expect(await alarmsOf(laptop)).toEqual(["impossible_time"]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "spent" });
});

test("times that go back are impossible, a clock that the machine itself refused is not", async () => {
  const { laptop, log } = await begin();
  await handIn(laptop, [
    await log.write({ outcome: "package_over", at: ago(-2 * minute) }),
    await log.write({ outcome: "clock_back", at: "1970-01-01T00:00:00.000Z" }),
    await log.write({ outcome: "mistyped", at: ago(20 * minute) }),
    await log.write({ outcome: "mistyped", at: ago(24 * minute) }),
  ]);
  expect(await alarmsOf(laptop)).toEqual([]);
  await handIn(laptop, [await log.write({ outcome: "mistyped", at: ago(30 * minute) })]);
  expect(await alarmsOf(laptop)).toEqual(["impossible_time"]);
});

test("used online first: the offline use is recorded, and no alarm where the machine could not know", async () => {
  const { laptop, slot, grantId, log, yes, userId, text } = await begin();
  expect(await redeem(userId, text)).toMatchObject({ ok: true });
  await handIn(laptop, [await log.write(yes(slot, { at: ago(0) }))]);
  expect(await eventsOf(grantId)).toMatchObject([
    { kind: "grant.redeemed" },
    { kind: "grant.used-late", reason: "spent", details: { machine: laptop.name } },
  ]);
  expect(await alarmsOf(laptop)).toEqual([]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "spent", uses_count: 1 });
});

test("a use by a package that was made after the end is an alarm: the machine knew", async () => {
  const { laptop, slot, grantId, log, yes, userId, text } = await begin();
  await redeem(userId, text);
  const serial = Date.now() + 5;
  await db.sql`update machine set serial = ${serial} where id = ${laptop.id}`;
  await handIn(laptop, [await log.write(yes(slot, { at: ago(0), serial }))]);
  expect(await alarmsOf(laptop)).toEqual(["used_twice"]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "spent" });
});

test("a use after a revocation that the machine had not heard of is shown, not raised", async () => {
  const { laptop, slot, grantId, log, yes } = await begin();
  expect(await revokeGrant(staffContext("security"), { grantId, reason: "mistake" })).toMatchObject({
    ok: true,
  });
  await handIn(laptop, [await log.write(yes(slot, { at: ago(0) }))]);
  expect(await eventsOf(grantId)).toMatchObject([{ kind: "grant.used-late", reason: "revoked" }]);
  expect(await alarmsOf(laptop)).toEqual([]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "revoked", uses_count: 1 });
});

test("a second honest use of a code that opens once, on another machine, is recorded and raised", async () => {
  const { laptop, slot, grantId, log, yes, userId, slots } = await begin();
  const other = await otherLaptop(userId, slots);
  await handIn(laptop, [await log.write(yes(slot))]);
  await handIn(other.machine, [await other.log.write(yes(slot))]);
  expect(await alarmsOf(laptop)).toEqual([]);
  expect(await alarmsOf(other.machine)).toEqual(["used_twice"]);
  expect((await eventsOf(grantId)).map(({ kind }) => kind)).toEqual(["grant.redeemed", "grant.used-late"]);
});

test("used-twice: of two machines that report one code at the same moment one spends it, the other is raised", async () => {
  const { laptop, slot, grantId, log, yes, userId, slots } = await begin();
  const other = await otherLaptop(userId, slots);
  const receipts = [await log.write(yes(slot)), await other.log.write(yes(slot))];
  await Promise.all([handIn(laptop, [receipts[0]!]), handIn(other.machine, [receipts[1]!])]);
  expect((await eventsOf(grantId)).map(({ kind }) => kind)).toEqual(["grant.redeemed", "grant.used-late"]);
  expect([...(await alarmsOf(laptop)), ...(await alarmsOf(other.machine))]).toEqual(["used_twice"]);
});

test("a reusable code is used again and again, and stays live", async () => {
  await db.sql`insert into policy_version (version, document) overriding system value values (9, ${db.sql.json({ grants: { reusableMethods: ["access_code"] } })})`;
  const { laptop, slot, grantId, log, yes } = await begin({ uses: "reusable" }, ["reusable"]);
  await handIn(laptop, [await log.write(yes(slot)), await log.write(yes(slot, { at: ago(5 * minute) }))]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: null, uses_count: 2 });
  expect(await alarmsOf(laptop)).toEqual([]);
});

test("of an online and an offline use at once one spends, and both are told", async () => {
  const { laptop, slot, grantId, log, yes, userId, text } = await begin();
  const receipt = await log.write(yes(slot));
  await Promise.all([redeem(userId, text), handIn(laptop, [receipt])]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "spent", uses_count: 1 });
  const redeemed = (await eventsOf(grantId)).filter(({ kind }) => kind === "grant.redeemed");
  expect(redeemed).toHaveLength(1);
});

test("whoever signed in on a machine is on it from then on", async () => {
  const { laptop, slot, log, yes, userId } = await begin();
  await db.sql`delete from machine_user where machine_id = ${laptop.id}`;
  await handIn(laptop, [await log.write(yes(slot))]);
  expect(
    await db.sql`select user_id, source from machine_user where machine_id = ${laptop.id}`,
  ).toMatchObject([{ user_id: userId, source: "signin" }]);
});

test("a use by a slot that was in none of the machine's packages spends the code, is raised, and assigns nobody", async () => {
  const { laptop, slot, grantId, text } = await begin();
  const syncedAt = new Date(Date.now() - 60 * minute);
  const liar = await insertMachine(db.sql, { syncedAt });
  const log = keepReceipts(liar, { serial: syncedAt.getTime() });
  const claim = { outcome: "yes", at: ago(minute), userId: slot.userId, slotId: slot.id } as const;
  await handIn(liar, [await log.write({ ...claim, proof: proveUse(text, slot) })]);
  const alarms = await db.sql`select kind, details from machine_alarm where machine_id = ${liar.id}`;
  expect(alarms).toEqual([
    { kind: "bad_receipt", details: { because: "not_in_its_packages", seq: 1, grantId } },
  ]);
  expect(await alarmsOf(laptop)).toEqual([]);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "spent", uses_count: 1 });
  expect(await eventsOf(grantId)).toMatchObject([{ details: { machine: liar.name, neverHeld: true } }]);
  expect(await db.sql`select 1 from machine_user where machine_id = ${liar.id}`).toHaveLength(0);
});

test("a slot so old that nobody remembers who held it is held against no machine", async () => {
  const { laptop, slot, log, yes } = await begin();
  await db.sql`delete from package_slot where machine_id = ${laptop.id}`;
  await db.sql`update slot set created_at = now() - interval '91 days' where id = ${slot.id}`;
  await handIn(laptop, [await log.write(yes(slot))]);
  expect(await alarmsOf(laptop)).toEqual([]);
});

test("200 wrong guesses are one event of the user, and the user is told of the burst", async () => {
  const { laptop, log, userId } = await begin();
  const guesses: string[] = [];
  for (let n = 0; n < 200; n += 1)
    guesses.push(await log.write({ outcome: n < 150 ? "wrong" : "back_off", userId }));
  await handIn(laptop, guesses);
  const events =
    await db.sql`select outcome, reason, details from audit_event where kind = 'receipt.taken' and user_id = ${userId}`;
  expect(events).toMatchObject([
    { outcome: "refused", reason: "wrong", details: { wrong: 150, back_off: 50 } },
  ]);
  await expect(handIn(laptop, [...guesses, "one more"])).rejects.toThrow(RangeError);
});

test("a receipt by a package that we never made stops issuing: we may be an older copy of ourselves", async () => {
  const { laptop, log, userId } = await begin();
  await handIn(laptop, [await log.write({ outcome: "mistyped", serial: Date.now() })]);
  expect(await alarmsOf(laptop)).toEqual(["from_the_future"]);
  await expect(issueCode(userId)).rejects.toThrow("issuing_stopped");
  await db.sql`update server_state set issuing_stopped_at = null`;
});

test("restored from yesterday: a use of a code that was issued since is known by its proof, stops issuing, and the slot is never issued", async () => {
  const userId = await insertPerson(db.sql);
  const syncedAt = new Date(Date.now() - 60 * minute);
  const laptop = await insertMachine(db.sql, { users: [userId], syncedAt });
  const [slot] = await insertSlots(db.sql, userId);
  await holdSlots(db.sql, laptop, [slot!]);
  const log = keepReceipts(laptop, { serial: syncedAt.getTime() });
  await handIn(laptop, [
    await log.write({ outcome: "yes", userId, slotId: slot!.id, proof: proveBySeed(slot!), at: ago(minute) }),
  ]);
  expect(await alarmsOf(laptop)).toEqual(["from_the_future"]);
  expect((await db.sql`select issuing_stopped_reason as why from server_state`)[0]!.why).toBe(
    "from_the_future",
  );
  expect((await db.sql`select retired_at, seed_cipher from slot where id = ${slot!.id}`)[0]).toMatchObject({
    retired_at: expect.any(Date),
    seed_cipher: null,
  });
  await db.sql`update server_state set issuing_stopped_at = null`;
});

test("restored from yesterday: a use of a slot that was made since is no false proof", async () => {
  const { laptop, log, yes, slot } = await begin();
  await handIn(laptop, [
    await log.write(yes(slot, { slotId: randomUUID(), at: ago(0), serial: Date.now() })),
  ]);
  expect(await alarmsOf(laptop)).toEqual(["from_the_future"]);
  await db.sql`update server_state set issuing_stopped_at = null`;
});

test("a machine that ended meanwhile hands nothing in", async () => {
  const { laptop, slot, grantId, log, yes } = await begin();
  await db.sql`update machine set ended_at = now(), ended_as = 'revoked' where id = ${laptop.id}`;
  expect(await handIn(laptop, [await log.write(yes(slot))])).toMatchObject({ seq: 0 });
  expect(await grantOf(grantId)).toMatchObject({ ended_as: null });
});

test("nobody else hands in receipts", async () => {
  await expect(takeReceipts(staffContext("owner"), [])).rejects.toThrow("denied");
});

import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { type Context, systemContext } from "@/lib/platform/context";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import {
  hashOf,
  holdSlots,
  insertMachine,
  insertSlots,
  keepReceipts,
  proveUse,
  type TestMachine,
} from "@/tools/testing/offline";
import { sweepReceipts } from "./sweep";
import { takeReceipts } from "./take-receipts";

const db = openTestDatabase();
const minute = 60_000;
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();
const work = systemContext("sweep", "test");

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
const alarmsOf = async ({ id }: TestMachine) =>
  db.sql<{ kind: string; because: string }[]>`
    select kind, details ->> 'because' as because from machine_alarm where machine_id = ${id} order by raised_at`;

async function begin() {
  const syncedAt = new Date(Date.now() - 60 * minute);
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId], syncedAt });
  return { userId, laptop, log: keepReceipts(laptop, { serial: syncedAt.getTime() }) };
}

test("of one code 20 uses are taken in a request, and the others with the next, so that none is lost", async () => {
  await db.sql`insert into policy_version (version, document) overriding system value values (9, ${db.sql.json({ grants: { reusableMethods: ["access_code"] } })})`;
  const { userId, laptop, log } = await begin();
  const [slot] = await insertSlots(db.sql, userId, ["reusable"]);
  await holdSlots(db.sql, laptop, [slot!]);
  const { text, grantId } = await issueCode(userId, { uses: "reusable" });
  const use = { outcome: "yes", userId, slotId: slot!.id, proof: proveUse(text, slot!) } as const;
  const receipts: string[] = [];
  for (let n = 0; n < 45; n += 1)
    receipts.push(await log.write({ ...use, at: ago(50 * minute - n * 1_000) }));
  const usesOf = async () => (await db.sql`select uses_count as n from grants where id = ${grantId}`)[0]!.n;
  for (const taken of [20, 40, 45]) {
    expect(await handIn(laptop, receipts)).toEqual({ seq: taken, hash: hashOf(receipts[taken - 1]!) });
    expect(await usesOf()).toBe(taken);
  }
  expect(await alarmsOf(laptop)).toEqual([]);
});

test("a machine hands in 20,000 receipts a day; the rest waits there, is an alarm, and is taken the day after", async () => {
  const { laptop, log } = await begin();
  const receipts: string[] = [];
  for (let n = 0; n < 4; n += 1) receipts.push(await log.write({ outcome: "mistyped", at: ago(9 * minute) }));
  await db.sql`update machine set receipts_count = 19998, receipts_since = now() - interval '23 hours' where id = ${laptop.id}`;
  expect(await handIn(laptop, receipts)).toEqual({ seq: 2, hash: hashOf(receipts[1]!) });
  expect(await handIn(laptop, receipts.slice(2))).toMatchObject({ seq: 2 });
  expect(await alarmsOf(laptop)).toEqual([{ kind: "flood", because: "a_day_is_full" }]);
  await db.sql`update machine set receipts_since = now() - interval '25 hours' where id = ${laptop.id}`;
  expect(await handIn(laptop, receipts.slice(2))).toEqual({ seq: 4, hash: hashOf(receipts[3]!) });
  expect((await db.sql`select receipts_count as n from machine where id = ${laptop.id}`)[0]!.n).toBe(2);
});

test("receipts that come again cost nothing of the day", async () => {
  const { laptop, log } = await begin();
  const receipt = await log.write({ outcome: "mistyped" });
  for (let n = 0; n < 3; n += 1) await handIn(laptop, [receipt]);
  expect((await db.sql`select receipts_count as n from machine where id = ${laptop.id}`)[0]!.n).toBe(1);
});

const age = (machine: TestMachine, upTo: number) =>
  db.sql`update receipt set received_at = now() - interval '366 days' where machine_id = ${machine.id} and seq <= ${upTo}`;
const seqsOf = async (machine: TestMachine) =>
  (await db.sql`select seq from receipt where machine_id = ${machine.id} order by seq`).map(({ seq }) => seq);

test("receipts are deleted a year after they were handed in, and the chain goes on behind the last one, which stays", async () => {
  const { laptop, log } = await begin();
  const write = () => log.write({ outcome: "mistyped", at: ago(9 * minute) });
  const receipts = [await write(), await write(), await write()];
  await handIn(laptop, receipts);
  await age(laptop, 3);
  expect(await sweepReceipts(work)).toBe(2);
  expect(await sweepReceipts(work)).toBe(0);
  expect(await seqsOf(laptop)).toEqual([3]);
  const next = await write();
  expect(await handIn(laptop, [receipts[2]!, next])).toEqual({ seq: 4, hash: hashOf(next) });
  expect(await alarmsOf(laptop)).toEqual([]);
  log.previous = hashOf("something else");
  await handIn(laptop, [await write()]);
  expect(await alarmsOf(laptop)).toEqual([{ kind: "fork", because: "names_another_before" }]);
});

test("a number whose receipt was deleted can't be signed anew unnoticed", async () => {
  const { laptop, log } = await begin();
  const write = () => log.write({ outcome: "mistyped", at: ago(9 * minute) });
  const receipts = [await write(), await write(), await write()];
  await handIn(laptop, receipts);
  await age(laptop, 2);
  await sweepReceipts(work);
  Object.assign(log, { seq: 1, previous: hashOf(receipts[0]!) });
  await handIn(laptop, [await write()]);
  expect(await alarmsOf(laptop)).toEqual([{ kind: "fork", because: "older_than_kept" }]);
});

test("nobody but the system sweeps", async () => {
  await expect(sweepReceipts(staffContext("owner"))).rejects.toThrow("denied");
});

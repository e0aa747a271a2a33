import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { leaveMachine } from "@/lib/machines/release";
import type { Context } from "@/lib/platform/context";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import {
  holdSlots,
  insertMachine,
  insertSlots,
  keepReceipts,
  type TestMachine,
} from "@/tools/testing/offline";
import { readUserReach } from "./read-reach";
import { revokeMachine } from "./revoke-machine";
import { takeReceipts } from "./take-receipts";

const db = openTestDatabase();
const security = staffContext("security");

const as = ({ id, name }: TestMachine): Context => ({
  actor: { kind: "machine", machineId: id, name },
  requestId: `test-${randomUUID()}`,
  sourceIp: "192.0.2.40",
  userAgent: "sparekey-agent/1",
});

async function begin() {
  const userId = await insertPerson(db.sql);
  const syncedAt = new Date(Date.now() - 3_600_000);
  const laptop = await insertMachine(db.sql, { users: [userId], syncedAt });
  await holdSlots(db.sql, laptop, await insertSlots(db.sql, userId));
  return { userId, laptop, serial: syncedAt.getTime() };
}

const countOf = async (table: "receipt" | "machine_alarm", { id }: TestMachine) =>
  (await db.sql`select count(*)::int as n from ${db.sql(table)} where machine_id = ${id}`)[0]!.n as number;

test("a thief who has the machine leave before it is revoked saves neither its slots nor the live code on it", async () => {
  const { userId, laptop } = await begin();
  const { grantId } = await issueCode(userId);
  await leaveMachine(as(laptop));
  expect(await revokeMachine(security, { machineId: laptop.id, reason: "stolen" })).toMatchObject({
    ok: true,
    slotsRetired: 1,
    codesRevoked: [{ id: grantId, userId }],
  });
  expect(await readUserReach(security, { userId })).toMatchObject([
    { grantId, endedAs: "revoked", machines: [{ machineId: laptop.id, state: "may_work" }] },
  ]);
});

test("forks of one number without end are not kept without end, for all of them are read to judge the next", async () => {
  const { laptop, serial } = await begin();
  for (let request = 0; request < 2; request += 1) {
    const forks: string[] = [];
    for (let n = 0; n < 40; n += 1)
      forks.push(await keepReceipts(laptop, { serial }).write({ outcome: "mistyped", userId: randomUUID() }));
    await takeReceipts(as(laptop), forks);
  }
  expect(await countOf("receipt", laptop)).toBe(50);
});

test("lie after lie fills neither the list of alarms nor the log", async () => {
  const { laptop, serial } = await begin();
  const log = keepReceipts(laptop, { serial });
  for (let request = 0; request < 25; request += 1) {
    log.seq += 7;
    await takeReceipts(as(laptop), [await log.write({ outcome: "clock_back" })]);
  }
  expect(await countOf("machine_alarm", laptop)).toBe(10);
  const futures: string[] = [];
  for (let n = 1; n <= 30; n += 1)
    futures.push(await log.write({ outcome: "clock_back", serial: Date.now() + n }));
  await takeReceipts(as(laptop), futures);
  expect(await countOf("machine_alarm", laptop)).toBe(20);
  const [raised] = await db.sql`
    select count(*)::int as n from audit_event where kind = 'machine.alarm-raised' and target_id = ${laptop.id}`;
  expect(raised!.n).toBe(20);
  await db.sql`update machine_alarm set seen_at = now(), seen_by = 'test' where machine_id = ${laptop.id}`;
  await takeReceipts(as(laptop), [await log.write({ outcome: "clock_back", serial: Date.now() + 99 })]);
  expect(await countOf("machine_alarm", laptop)).toBe(21);
  await db.sql`update server_state set issuing_stopped_at = null`;
});

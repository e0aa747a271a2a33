import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { revokeGrant } from "@/lib/grants/revoke";
import { listMachinesInput } from "@/lib/machines/input";
import { listMachines, readMachine } from "@/lib/machines/read";
import { releaseMachine } from "@/lib/machines/release";
import type { Context } from "@/lib/platform/context";
import { Denied } from "@/lib/platform/outcome";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import { holdSlots, insertMachine, insertSlots, keepReceipts } from "@/tools/testing/offline";
import { listReceipts } from "./list-receipts";
import { previewMachine } from "./preview-machine";
import { readMachineCodes } from "./read-machine-codes";
import { revokeMachine } from "./revoke-machine";
import { takeReceipts } from "./take-receipts";

const db = openTestDatabase();
const helpdesk = staffContext("helpdesk");
const security = staffContext("security");

/** A laptop that holds two slots of a user who is on it. */
async function begin() {
  const userId = await insertPerson(db.sql);
  const laptop = await insertMachine(db.sql, { users: [userId] });
  await holdSlots(db.sql, laptop, await insertSlots(db.sql, userId));
  return { userId, laptop, machineId: laptop.id };
}

const putOn = (machineId: string, userId: string) =>
  db.sql`insert into machine_user (machine_id, user_id, source) values (${machineId}, ${userId}, 'hand')`;

test("each user on a machine is told apart: for whom a code would open it, for whom not and why; of one that ended nothing is told", async () => {
  const { userId, laptop, machineId } = await begin();
  const newcomer = await insertPerson(db.sql);
  const disabled = await insertPerson(db.sql, { disabled_at: new Date() });
  await putOn(machineId, newcomer);
  await putOn(machineId, disabled);
  const read = async () => {
    const result = await previewMachine(helpdesk, { machineId });
    if (!result.ok) return result.reason;
    return new Map(result.users.map((user) => [user.userId, user]));
  };
  const users = await read();
  if (typeof users === "string") throw new Error(users);
  expect(users.get(userId)).toMatchObject({ works: true, leftAfter: 1, openLeft: 2, why: null });
  expect(users.get(newcomer)).toMatchObject({ works: false, until: null, why: "no_slot" });
  expect(users.get(disabled)).toMatchObject({ works: false, why: "user_disabled" });
  await releaseMachine(security, { machine: laptop.name, reason: null });
  expect(await read()).toBe("ended");
  expect(await previewMachine(helpdesk, { machineId: randomUUID() })).toMatchObject({ reason: "not_found" });
});

test("what is said to die with a machine is what dies", async () => {
  const { userId, machineId } = await begin();
  const { grantId } = await issueCode(userId);
  const before = await readMachineCodes(helpdesk, { machineId });
  expect(before).toMatchObject({ openSlots: 1, codes: [{ grantId, endedAs: null, state: "may_work" }] });
  const result = await revokeMachine(security, { machineId, reason: "stolen: from a car" });
  expect(result).toMatchObject({ ok: true, slotsRetired: before.openSlots, codesRevoked: [{ id: grantId }] });
  const after = await readMachineCodes(helpdesk, { machineId });
  expect(after).toMatchObject({ openSlots: 0, codes: [{ grantId, endedAs: "revoked", state: "may_work" }] });
  const read = await readMachine(helpdesk, { machineId });
  expect(read.ok && read.machine.holdsUntil).not.toBeNull();
  await db.sql`update package_slot set gone_at = now() where machine_id = ${machineId}`;
  const gone = await readMachine(helpdesk, { machineId });
  expect(gone.ok && gone.machine.holdsUntil).toBeNull();
  expect((await readMachineCodes(helpdesk, { machineId })).codes).toMatchObject([{ state: "reached" }]);
});

test("a code that was revoked stays in the picture of its machine, as one that may still open it", async () => {
  const { userId, machineId } = await begin();
  const { grantId } = await issueCode(userId);
  await revokeGrant(security, { grantId, reason: "mistake" });
  expect((await readMachineCodes(helpdesk, { machineId })).codes).toMatchObject([
    { grantId, endedAs: "revoked", state: "may_work", user: { id: userId } },
  ]);
});

test("receipts are read with both times, the newest first, page by page and none twice", async () => {
  const { laptop, machineId } = await begin();
  const [made] = await db.sql<{ serial: string }[]>`select serial from machine where id = ${machineId}`;
  const log = keepReceipts(laptop, { serial: Number(made?.serial) });
  const machine: Context = {
    ...publicContext(),
    actor: { kind: "machine", machineId, name: laptop.name },
  };
  const receipts: string[] = [];
  for (let n = 0; n < 25; n += 1) receipts.push(await log.write({ outcome: "no_such_user" }));
  await takeReceipts(machine, receipts);
  const first = await listReceipts(helpdesk, { machineId });
  const second = await listReceipts(helpdesk, { machineId, before: first.next ?? undefined });
  expect([...first.receipts, ...second.receipts].map(({ seq }) => seq)).toEqual(
    Array.from({ length: 25 }, (_, n) => 25 - n),
  );
  expect(second.next).toBeNull();
  expect(first.receipts[0]).toMatchObject({ outcome: "no_such_user", user: null, grantId: null });
  expect(first.receipts[0]?.receivedAt.getTime()).toBeGreaterThanOrEqual(
    first.receipts[0]?.at.getTime() ?? Number.NaN,
  );
});

test("those that need a look are found: with an alarm, or without a good package", async () => {
  const { machineId } = await begin();
  const silent = await insertMachine(db.sql, { syncedAt: null });
  const over = await insertMachine(db.sql, { packageUntil: new Date(Date.now() - 1_000) });
  await db.sql`insert into machine_alarm (machine_id, kind) values (${machineId}, 'gap')`;
  const list = async (look: "alarm" | "no_package") =>
    (await listMachines(helpdesk, listMachinesInput.parse({ look }))).machines.map(({ id }) => id);
  expect(await list("alarm")).toEqual([machineId]);
  expect(new Set(await list("no_package"))).toEqual(new Set([silent.id, over.id]));
});

test("who may not read machines reads none of it", async () => {
  const { machineId } = await begin();
  for (const read of [previewMachine, readMachineCodes, listReceipts])
    await expect(read(publicContext(), { machineId })).rejects.toThrow(Denied);
});

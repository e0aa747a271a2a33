import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { toUserObject } from "@/api/admin-user";
import { describeUser } from "@/lib/authn/describe-user";
import { hashAnchor } from "@/lib/codes/anchor";
import { judgeOffline } from "@/lib/codes/judge";
import { redeemAccessCode } from "@/lib/grants/redeem";
import { revokeGrant } from "@/lib/grants/revoke";
import { createEnrolmentToken } from "@/lib/machines/create-enrolment-token";
import { keepSlots } from "@/lib/machines/keep-slots";
import { releaseMachine } from "@/lib/machines/release";
import { resumeIssuing } from "@/lib/machines/resume-issuing";
import type { Package } from "@/lib/machines/wire";
import { systemContext } from "@/lib/platform/context";
import { Denied } from "@/lib/platform/outcome";
import { clientContext, openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import { TestMachine } from "@/tools/testing/machine";
import { keepReceipts } from "@/tools/testing/offline";
import { loginOf } from "@/tools/testing/rows";
import { listAlarms, seeAlarm } from "./alarms";
import { previewOffline } from "./preview-offline";
import { readUserReach } from "./read-reach";
import { revokeMachine } from "./revoke-machine";

const db = openTestDatabase();
const doors = openDoors();
const helpdesk = staffContext("helpdesk");
const security = staffContext("security");
const owner = staffContext("owner");
const hour = 3_600_000;
let names = 0;

async function enrol(...userIds: string[]): Promise<TestMachine> {
  names += 1;
  const name = `LAPTOP-${names}`;
  const users = await Promise.all(userIds.map((id) => loginOf(db.sql, id)));
  const token = await createEnrolmentToken(security, { machine: name, users });
  if (!token.ok) throw new Error(token.reason);
  const machine = new TestMachine(doors, name);
  expect((await machine.enrol(token.token)).status).toBe(201);
  return machine;
}

async function sync(machine: TestMachine, receipts: string[] = []): Promise<Package> {
  const { package: made, body } = await machine.sync({ receipts });
  if (made === undefined) throw new Error(JSON.stringify(body));
  return made;
}

/** A user, and machines of theirs that have synced. */
async function begin(count = 2) {
  const userId = await insertPerson(db.sql);
  const machines = await Promise.all(Array.from({ length: count }, () => enrol(userId)));
  const packages: Package[] = [];
  for (const machine of machines) packages.push(await sync(machine));
  return { userId, machines, packages, laptop: machines[0]!, other: machines[1]! };
}

const logOf = (machine: TestMachine) =>
  keepReceipts(
    { id: machine.machineId, name: machine.name, privateKey: machine.keys.privateKey },
    { serial: machine.holds?.serial ?? 0 },
  );

/** What a machine says that holds this package and lost its network. */
async function judge(made: Package, userId: string, input: string) {
  const user = made.users.find((each) => each.userId === userId);
  return judgeOffline(
    {
      input,
      user:
        (user && {
          userId,
          slots: user.slots.map(({ slotEpoch, salt, anchor, ...slot }) => ({
            ...slot,
            epoch: new Date(slotEpoch),
            salt: Buffer.from(salt, "base64url"),
            anchor: Buffer.from(anchor, "base64url"),
          })),
        }) ||
        null,
      now: new Date(),
    },
    {
      notAfter: new Date(made.notAfter),
      serverTime: new Date(made.serverTime),
      codeSecondsMax: made.codeSecondsMax,
    },
    { clockMark: 0, users: {} },
    hashAnchor,
  );
}

async function use(machine: TestMachine, made: Package, userId: string, text: string): Promise<string> {
  const { outcome, slotId, proof } = await judge(made, userId, text);
  expect(outcome).toBe("yes");
  return logOf(machine).write({
    outcome: "yes",
    userId,
    slotId,
    proof: Buffer.from(proof ?? []).toString("base64url"),
  });
}

const machinesOf = async (grantId: string) => {
  const [grant] = await db.sql<
    { userId: string }[]
  >`select user_id as "userId" from grants where id = ${grantId}`;
  const codes = await readUserReach(helpdesk, { userId: grant!.userId });
  return codes.find((code) => code.grantId === grantId)!.machines;
};
const statesOf = async (grantId: string) =>
  Object.fromEntries((await machinesOf(grantId)).map(({ name, state }) => [name, state]));
const rest = async (userId: string) => {
  const found = await describeUser(clientContext(), { username: await loginOf(db.sql, userId) });
  if (!found.ok) throw new Error(found.reason);
  const { offlineEmergencyAccessStatus: status, offlineEmergencyTokencodeExpiration: until } = toUserObject(
    found.user,
  );
  return { status, until };
};

test("a code that was issued after the laptop went offline opens it, and is one and the same spend once its receipt is in", async () => {
  const { userId, packages, laptop, other } = await begin();
  const { text, grantId } = await issueCode(userId);
  const receipt = await use(laptop, packages[0]!, userId, text);
  await sync(laptop, [receipt]);
  expect((await db.sql`select ended_as from grants where id = ${grantId}`)[0]).toEqual({ ended_as: "spent" });
  const online = await redeemAccessCode(publicContext(), {
    userId,
    input: text,
    attemptId: null,
    subjectKey: "s",
    sourceKey: "s",
  });
  expect(online).toMatchObject({ ok: false, reason: "spent" });
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "reached", [other.name]: "may_work" });
  const next = await sync(other);
  expect((await judge(next, userId, text)).outcome).toBe("spent");
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "reached", [other.name]: "reached" });
});

test("a receipt is acknowledged by the sync that brought it", async () => {
  const { userId, packages, laptop } = await begin(1);
  const { text } = await issueCode(userId);
  const receipt = await use(laptop, packages[0]!, userId, text);
  const answer = await laptop.sync({ receipts: [receipt] });
  expect(answer.body.receipts.seq).toBe(1);
});

test("before issuing the desk is told by name where the code will work, as it then does", async () => {
  const { userId, laptop, other } = await begin();
  const fresh = await enrol(userId);
  await db.sql`update machine set stored_not_after = now() + interval '2 hours' where id = ${other.machineId}`;
  const preview = await previewOffline(helpdesk, { userId });
  if (!preview.ok) throw new Error();
  const byName = new Map(preview.machines.map((machine) => [machine.name, machine]));
  expect(byName.get(laptop.name)).toMatchObject({ works: true, openLeft: 2, leftAfter: 1, why: null });
  const short = byName.get(other.name);
  expect(short).toMatchObject({ works: true, until: short!.packageUntil });
  expect(byName.get(fresh.name)).toMatchObject({
    works: false,
    openLeft: 0,
    why: "no_package",
    syncedAt: null,
  });
  const { grantId } = await issueCode(userId);
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "may_work", [other.name]: "may_work" });
  const after = await previewOffline(helpdesk, { userId });
  expect(after.ok && after.machines.find(({ name }) => name === laptop.name)).toMatchObject({
    works: true,
    openLeft: 1,
    leftAfter: 0,
  });
  await issueCode(userId);
  const last = await previewOffline(helpdesk, { userId });
  expect(last.ok && last.machines.find(({ name }) => name === laptop.name)).toMatchObject({
    works: false,
    openLeft: 0,
    why: "no_slot",
  });
});

test("a preview takes nothing, and needs to be allowed", async () => {
  const { userId } = await begin(1);
  await previewOffline(helpdesk, { userId });
  expect(
    await db.sql`select 1 from slot where user_id = ${userId} and (issued_at is not null or retired_at is not null)`,
  ).toHaveLength(0);
  await expect(previewOffline(publicContext(), { userId })).rejects.toThrow(Denied);
});

test("after a revocation each machine may work until it says that it stores a package without the code; REST says the same", async () => {
  const { userId, laptop, other, packages } = await begin();
  expect(await rest(userId)).toEqual({ status: "Disabled", until: null });
  const { grantId, text } = await issueCode(userId);
  expect(await rest(userId)).toMatchObject({ status: "Enabled" });
  await revokeGrant(security, { grantId, reason: "mistake" });
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "may_work", [other.name]: "may_work" });
  expect((await judge(packages[1]!, userId, text)).outcome).toBe("yes");
  await laptop.sync({ store: false });
  expect(await statesOf(grantId)).toMatchObject({ [laptop.name]: "may_work" });
  await sync(laptop);
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "reached", [other.name]: "may_work" });
  expect(await rest(userId)).toMatchObject({ status: "Enabled", until: expect.any(String) });
  const revoked = await sync(other);
  expect((await judge(revoked, userId, text)).outcome).toBe("revoked");
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "reached", [other.name]: "reached" });
  expect(await rest(userId)).toEqual({ status: "Disabled", until: null });
});

test("what no machine said anything about is over at the earlier of the code's hour and the package's end", async () => {
  const { userId, laptop } = await begin(1);
  const { grantId } = await issueCode(userId);
  await revokeGrant(security, { grantId, reason: "mistake" });
  const end = new Date(Date.now() + hour / 2);
  await db.sql`update package_slot set not_after = ${end} where machine_id = ${laptop.machineId}`;
  expect((await machinesOf(grantId))[0]).toMatchObject({ state: "may_work", until: end });
  expect(await rest(userId)).toEqual({ status: "Enabled", until: end.toISOString() });
  await db.sql`update package_slot set not_after = now() - interval '1 millisecond' where machine_id = ${laptop.machineId}`;
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "over" });
  expect(await rest(userId)).toEqual({ status: "Disabled", until: null });
});

test("a machine that left has let go of all; one that staff released may still open", async () => {
  const { userId, laptop, other } = await begin();
  const { grantId } = await issueCode(userId);
  await laptop.call("POST", "/agent/v1/leave");
  await releaseMachine(security, { machine: other.name, reason: null });
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "reached", [other.name]: "may_work" });
  expect(await readUserReach(helpdesk, { userId })).toMatchObject([
    { grantId, endedAs: null, machines: [{ machineEndedAs: "released" }, { machineEndedAs: "released" }] },
  ]);
});

test("an ended machine that withdraws its package says so, and the picture of its codes is empty; that is all that it may say", async () => {
  const { userId, laptop, other } = await begin();
  const { grantId } = await issueCode(userId);
  await revokeGrant(security, { grantId, reason: "mistake" });
  const withdraw = () => laptop.call("POST", "/agent/v1/withdrawn");
  const early = await withdraw();
  expect([early.status, early.body.error]).toEqual([409, "not_ended"]);
  expect(await statesOf(grantId)).toMatchObject({ [laptop.name]: "may_work" });
  await releaseMachine(security, { machine: laptop.name, reason: null });
  const { privateKey } = generateKeyPairSync("ed25519");
  const stranger = await laptop.call("POST", "/agent/v1/withdrawn", undefined, { key: privateKey });
  expect(stranger.status).toBe(401);
  expect(await statesOf(grantId)).toMatchObject({ [laptop.name]: "may_work" });
  expect((await withdraw()).status).toBe(204);
  expect((await withdraw()).status).toBe(204);
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "reached", [other.name]: "may_work" });
  const events = await db.sql`
    select details from audit_event where kind = 'machine.withdrawn' and target_id = ${laptop.machineId}`;
  expect(events).toEqual([{ details: { machine: laptop.name, slots: 2 } }]);
  expect((await laptop.sync()).status).toBe(410);
  expect((await laptop.call("POST", "/agent/v1/leave")).status).toBe(410);
});

test("a thief who has a released machine say that it withdrew saves neither its slots nor the live code on it", async () => {
  const { userId, laptop } = await begin(1);
  const { grantId } = await issueCode(userId);
  await releaseMachine(security, { machine: laptop.name, reason: null });
  expect((await laptop.call("POST", "/agent/v1/withdrawn")).status).toBe(204);
  expect(await revokeMachine(security, { machineId: laptop.machineId, reason: "stolen" })).toMatchObject({
    slotsRetired: 1,
    codesRevoked: [{ id: grantId }],
  });
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "may_work" });
});

test("a lost machine is revoked: its slots are retired, live codes on it too, its requests refused, and the others get new ones", async () => {
  const { userId, laptop, other, packages } = await begin();
  const { grantId, text } = await issueCode(userId);
  const result = await revokeMachine(security, { machineId: laptop.machineId, reason: "stolen from a car" });
  expect(result).toMatchObject({
    ok: true,
    name: laptop.name,
    slotsRetired: 1,
    codesRevoked: [{ id: grantId, userId }],
  });
  expect((await db.sql`select ended_as, end_reason from grants where id = ${grantId}`)[0]).toEqual({
    ended_as: "revoked",
    end_reason: "machine_revoked",
  });
  expect(
    await db.sql`select 1 from slot where user_id = ${userId} and (seed_cipher is not null or (issued_at is null and retired_at is null))`,
  ).toHaveLength(0);
  expect((await laptop.sync()).status).toBe(410);
  expect(await statesOf(grantId)).toEqual({ [laptop.name]: "may_work", [other.name]: "may_work" });
  await keepSlots(systemContext("test", "test"));
  const next = await sync(other);
  const open = next.users[0]!.slots.filter(({ state }) => state === "open");
  expect(open.map(({ number }) => number)).toEqual([3, 4]);
  const fresh = await issueCode(userId);
  expect((await judge(next, userId, fresh.text)).outcome).toBe("yes");
  expect((await judge(packages[0]!, userId, fresh.text)).outcome).toBe("wrong");
  expect((await judge(next, userId, text)).outcome).toBe("revoked");
  const [event] =
    await db.sql`select details from audit_event where kind = 'machine.revoked' and target_id = ${laptop.machineId}`;
  expect(event!.details).toMatchObject({ machine: laptop.name, slotsRetired: 1, codesRevoked: 1 });
});

test("a machine is revoked once, after its release too, and only by who may", async () => {
  const { laptop } = await begin(1);
  await expect(revokeMachine(helpdesk, { machineId: laptop.machineId, reason: "lost" })).rejects.toThrow(
    Denied,
  );
  await releaseMachine(security, { machine: laptop.name, reason: null });
  const revoke = () => revokeMachine(security, { machineId: laptop.machineId, reason: "lost" });
  expect(await revoke()).toMatchObject({ ok: true, slotsRetired: 2, codesRevoked: [] });
  expect(await revoke()).toMatchObject({ ok: false, reason: "already_revoked" });
  expect(await revokeMachine(security, { machineId: crypto.randomUUID(), reason: "lost" })).toMatchObject({
    reason: "machine_not_found",
  });
});

test("issuing and revoking the machine at once leave no live code on it", async () => {
  const { userId, laptop } = await begin(1);
  const [issued] = await Promise.allSettled([
    issueCode(userId),
    revokeMachine(security, { machineId: laptop.machineId, reason: "lost" }),
  ]);
  expect(issued.status).toBe("fulfilled");
  expect(
    await db.sql`
      select 1 from grants g join access_code a on a.grant_id = g.id join package_slot p on p.slot_id = a.slot_id
      where g.user_id = ${userId} and g.ended_at is null and p.machine_id = ${laptop.machineId}`,
  ).toHaveLength(0);
});

test("an alarm stays until somebody has looked, and one from the future until an owner has", async () => {
  const { laptop, userId } = await begin(1);
  const log = logOf(laptop);
  await log.write({ outcome: "mistyped" });
  await sync(laptop, [await log.write({ outcome: "mistyped" })]);
  const mine = { machineId: laptop.machineId };
  const [gap] = await listAlarms(security, mine);
  expect(gap).toMatchObject({ kind: "gap", machineName: laptop.name, seenAt: null });
  await expect(seeAlarm(helpdesk, { alarmId: gap!.id })).rejects.toThrow(Denied);
  expect(await seeAlarm(security, { alarmId: gap!.id })).toEqual({ ok: true });
  expect(await seeAlarm(security, { alarmId: gap!.id })).toMatchObject({ reason: "already_seen" });
  expect(await listAlarms(security, mine)).toEqual([]);
  expect(await listAlarms(security, { ...mine, seen: true })).toHaveLength(1);

  await sync(laptop, [await log.write({ outcome: "mistyped", serial: Date.now() + hour })]);
  const future = (await listAlarms(security, mine)).find(({ kind }) => kind === "from_the_future");
  expect(future).toBeDefined();
  await expect(issueCode(userId)).rejects.toThrow("issuing_stopped");
  expect(await seeAlarm(security, { alarmId: future!.id })).toMatchObject({ reason: "owner_needed" });
  expect(await resumeIssuing(owner)).toMatchObject({ ok: true });
  await issueCode(userId);
});

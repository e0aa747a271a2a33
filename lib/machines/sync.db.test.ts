import { expect, test } from "vitest";
import { startGeneration } from "@/lib/operation/backup";
import { systemContext } from "@/lib/platform/context";
import { defaultPolicy, type Policy } from "@/lib/policy/model";
import { forgetPolicy } from "@/lib/policy/store";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { issueCode } from "@/tools/testing/issuing";
import { TestMachine } from "@/tools/testing/machine";
import { keepReceipts, proveUse } from "@/tools/testing/offline";
import { insertUser, loginOf } from "@/tools/testing/rows";
import { assignUser, unassignUser } from "./assign";
import { createEnrolmentToken } from "./create-enrolment-token";
import { keepSlots } from "./keep-slots";
import { resumeIssuing } from "./resume-issuing";
import {
  announceSigningKey,
  endSigningKey,
  listSigningKeys,
  putSigningKeyInForce,
} from "./rotate-signing-key";
import type { Package } from "./wire";

const db = openTestDatabase();
const doors = openDoors();
const security = staffContext("security");
const owner = staffContext("owner");
const system = systemContext("test", "test");
const hour = 3_600_000;
let names = 0;

async function enrol(userIds: string[]): Promise<TestMachine> {
  names += 1;
  const machine = new TestMachine(doors, `BOX-${names}`);
  const users = await Promise.all(userIds.map((id) => loginOf(db.sql, id)));
  const made = await createEnrolmentToken(security, { machine: machine.name, users });
  if (!made.ok) throw new Error(made.reason);
  expect((await machine.enrol(made.token)).status).toBe(201);
  return machine;
}

/** Syncs as an agent does: it asks again while users lack slots that weren't made in time. */
async function packageOf(machine: TestMachine): Promise<Package> {
  for (;;) {
    const answer = await machine.sync();
    if (answer.package === undefined) throw new Error(`sync: ${answer.status} ${answer.text}`);
    if (answer.body.syncSeconds > 60) return answer.package;
  }
}

const slotsOf = (made: Package, userId: string) =>
  made.users.find((user) => user.userId === userId)?.slots ?? [];
const tell = (made: Package, userId: string) =>
  slotsOf(made, userId).map(({ number, kind, state }) => `${number} ${kind} ${state}`);

async function setPolicy(change: (policy: Policy) => void): Promise<void> {
  const policy = structuredClone(defaultPolicy);
  change(policy);
  await db.sql`insert into policy_version (document) values (${db.sql.json(policy as never)})`;
  forgetPolicy();
}

async function holdsOf(machine: TestMachine): Promise<string[]> {
  const rows = await db.sql`
    select s.number, p.stored_at is not null as stored, p.gone_at is not null as gone from package_slot p join slot s on s.id = p.slot_id
    where p.machine_id = ${machine.machineId} order by s.number`;
  return rows.map((row) => `${row.number}${row.stored ? " stored" : ""}${row.gone ? " gone" : ""}`).sort();
}

test("a package holds the users of its machine alone, none who is disabled, under the names that are theirs alone", async () => {
  const [on, off, gone] = [await insertUser(db.sql), await insertUser(db.sql), await insertUser(db.sql)];
  await db.sql`update users set email = 'On@X.example', email_key = 'on@x.example' where id = ${on.id}`;
  await db.sql`update users set email = 'a@x.example', email_key = 'shared@x.example' where id in (${off.id}, ${gone.id})`;
  const machine = await enrol([on.id, gone.id]);
  expect(new Set((await packageOf(machine)).users.map(({ userId }) => userId))).toEqual(
    new Set([on.id, gone.id]),
  );
  await db.sql`update users set disabled_at = now() where id = ${gone.id}`;
  const { users } = await packageOf(machine);
  expect(users).toHaveLength(1);
  const [{ login_key } = { login_key: "" }] = await db.sql<
    { login_key: string }[]
  >`select login_key from users where id = ${on.id}`;
  expect(users[0]?.names).toEqual([login_key, "on@x.example"]);
  await db.sql`update users set disabled_at = null where id = ${gone.id}`;
  const back = (await packageOf(machine)).users.find(({ userId }) => userId === gone.id);
  expect(back?.names).toHaveLength(1);
});

test("a slot is one and the same on all machines of its user, and no other user's", async () => {
  const [ada, bob] = [await insertUser(db.sql), await insertUser(db.sql)];
  const [first, second] = [await enrol([ada.id, bob.id]), await enrol([ada.id])];
  const [a, b] = [await packageOf(first), await packageOf(second)];
  expect(slotsOf(b, ada.id)).toEqual(slotsOf(a, ada.id));
  const ids = new Set(slotsOf(a, ada.id).map(({ slotId }) => slotId));
  expect(slotsOf(a, bob.id).some(({ slotId }) => ids.has(slotId))).toBe(false);
});

test("two syncs of two machines at once make no more slots than a user has", async () => {
  const user = await insertUser(db.sql);
  const machines = [await enrol([user.id]), await enrol([user.id]), await enrol([user.id])];
  await Promise.all(machines.map((machine) => machine.sync({ store: false })));
  const slots = await db.sql`select number from slot where user_id = ${user.id} order by number`;
  expect(slots.map(({ number }) => number)).toEqual([1, 2]);
});

test("an issued code stays open, a spent one and a revoked one say so, and others come after", async () => {
  const user = await insertUser(db.sql);
  const machine = await enrol([user.id]);
  expect(tell(await packageOf(machine), user.id)).toEqual(["1 once open", "2 once open"]);
  const { grantId } = await issueCode(user.id);
  expect(tell(await packageOf(machine), user.id)).toEqual(["1 once open", "2 once open", "3 once open"]);
  await db.sql`update grants set ended_at = now(), ended_as = 'spent', uses_count = 1 where id = ${grantId}`;
  expect(tell(await packageOf(machine), user.id)[0]).toBe("1 once spent");
  await db.sql`update grants set ended_as = 'revoked', uses_count = 0 where id = ${grantId}`;
  expect(tell(await packageOf(machine), user.id)[0]).toBe("1 once revoked");
  await db.sql`update access_code set offline_expires_at = now() - interval '25 hours' where grant_id = ${grantId}`;
  expect(tell(await packageOf(machine), user.id)).toEqual(["2 once open", "3 once open"]);
});

test("a reusable slot is there where policy allows such codes, and only there", async () => {
  const user = await insertUser(db.sql);
  const machine = await enrol([user.id]);
  await packageOf(machine);
  await setPolicy((policy) => policy.grants.reusableMethods.push("access_code"));
  expect(tell(await packageOf(machine), user.id)).toEqual(["1 once open", "2 once open", "3 reusable open"]);
  await setPolicy(() => undefined);
  expect(tell(await packageOf(machine), user.id)).toEqual(["1 once open", "2 once open"]);
});

test("a slot is in a package while its end and the longest code life are within the chain, to the hour, and then another is (access-code, The chain)", async () => {
  const user = await insertUser(db.sql);
  const machine = await enrol([user.id]);
  const before = await packageOf(machine);
  expect(Date.parse(before.notAfter) - Date.parse(before.issuedAt)).toBe(14 * 24 * hour);
  const chainHours = 1023;
  const lifeHours = 7 * 24;
  const latest = Date.parse(before.notAfter) + (lifeHours - chainHours) * hour;
  const setEpoch = (number: number, hours: number) =>
    db.sql`update slot set slot_epoch = ${new Date(Math.ceil(latest / hour) * hour + hours * hour)} where user_id = ${user.id} and number = ${number}`;
  await setEpoch(1, -1);
  await setEpoch(2, 1);
  const after = await packageOf(machine);
  expect(tell(after, user.id)).toEqual(["2 once open", "3 once open"]);
  for (const { slotEpoch } of slotsOf(after, user.id))
    expect(Date.parse(after.notAfter) + lifeHours * hour).toBeLessThanOrEqual(
      Date.parse(slotEpoch) + chainHours * hour,
    );
  expect(await holdsOf(machine)).toEqual(["1 stored gone", "2 stored", "3 stored"]);
});

test("the job makes the next slots before the last are too old, retires what no package holds, and keeps what one does", async () => {
  const user = await insertUser(db.sql);
  const machine = await enrol([user.id]);
  await packageOf(machine);
  await db.sql`update slot set slot_epoch = date_trunc('hour', now()) - interval '1023 hours' + interval '21 days' + interval '20 hours' where user_id = ${user.id}`;
  expect((await keepSlots(system)).made).toBeGreaterThanOrEqual(2);
  expect(tell(await packageOf(machine), user.id)).toEqual(["1 once open", "2 once open"]);
  await db.sql`update slot set slot_epoch = slot_epoch - interval '21 hours' where user_id = ${user.id} and number <= 2`;
  await keepSlots(system);
  const open = () =>
    db.sql`select number, seed_cipher is not null as sealed from slot where user_id = ${user.id} and retired_at is null order by number`;
  expect((await open()).map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  expect(tell(await packageOf(machine), user.id)).toEqual(["3 once open", "4 once open"]);
  await keepSlots(system);
  expect(await open()).toEqual([
    { number: 3, sealed: true },
    { number: 4, sealed: true },
  ]);
  const dead =
    await db.sql`select seed_cipher from slot where user_id = ${user.id} and retired_at is not null`;
  expect(dead.every(({ seed_cipher }) => seed_cipher === null)).toBe(true);
});

test("serials only rise, at least by the database's clock, even when that went back", async () => {
  const machine = await enrol([]);
  const first = await packageOf(machine);
  const [clock] = await db.sql`select extract(epoch from now())::float8 * 1000 as ms`;
  expect(first.serial).toBeGreaterThan(clock?.ms - 10_000);
  const ahead = first.serial + 86_400_000;
  await db.sql`update machine set serial = ${ahead} where id = ${machine.machineId}`;
  expect((await packageOf(machine)).serial).toBe(ahead + 1);
  const many = await Promise.all(Array.from({ length: 8 }, () => machine.sync({ store: false })));
  expect(new Set(many.map((each) => each.package?.serial)).size).toBe(8);
});

test("what a machine holds is known by what it says that it stored, also when the word came late", async () => {
  const [ada, bob] = [await insertUser(db.sql), await insertUser(db.sql)];
  const machine = await enrol([ada.id]);
  const first = await machine.sync({ store: false });
  expect(await holdsOf(machine)).toEqual(["1", "2"]);
  await machine.store(first.package as Package);
  expect(await holdsOf(machine)).toEqual(["1 stored", "2 stored"]);
  await unassignUser(security, { machineId: machine.machineId, userId: ada.id });
  await assignUser(security, { machineId: machine.machineId, userId: bob.id });
  const second = await machine.sync({ store: false });
  expect(await holdsOf(machine)).toEqual(["1 stored", "1", "2 stored", "2"].sort());
  machine.holds = {
    generation: second.package?.generation as number,
    serial: second.package?.serial as number,
  };
  await machine.sync({ store: false });
  expect(await holdsOf(machine)).toEqual(["1 stored gone", "1 stored", "2 stored gone", "2 stored"].sort());
  await machine.call("POST", "/agent/v1/stored", {
    generation: 1,
    serial: first.package?.serial,
    pinned: machine.pinned,
  });
  const [row] = await db.sql`select stored_serial from machine where id = ${machine.machineId}`;
  expect(Number(row?.stored_serial)).toBe(second.package?.serial);
});

test("sync after retirement: after a restore no slot of the old generation is in a package, and new ones are", async () => {
  const user = await insertUser(db.sql);
  const machine = await enrol([user.id]);
  const before = await packageOf(machine);
  const pending = await createEnrolmentToken(security, { machine: "PENDING-1", users: [] });
  await startGeneration(db.url);
  const late = await new TestMachine(doors, "PENDING-1").enrol(pending.ok ? pending.token : "");
  expect(late.body.error).toBe("token_refused");
  const open = await db.sql`select 1 from slot where issued_at is null and retired_at is null`;
  expect(open).toHaveLength(0);
  await db.sql`update slot set retired_at = null where user_id = ${user.id}`;
  const after = await packageOf(machine);
  expect(after.generation).toBe(before.generation + 1);
  const old = new Set(slotsOf(before, user.id).map(({ slotId }) => slotId));
  expect(slotsOf(after, user.id)).toHaveLength(2);
  expect(slotsOf(after, user.id).some(({ slotId }) => old.has(slotId))).toBe(false);
  expect((await holdsOf(machine)).filter((held) => held.endsWith("gone"))).toHaveLength(2);
});

test("a machine from the future raises an alarm and stops issuing until an owner has looked; the others of before stop nothing", async () => {
  const [first, second] = [await enrol([]), await enrol([])];
  for (const machine of [first, second]) {
    await packageOf(machine);
    await db.sql`update machine set serial = serial - 50000, stored_generation = 0, stored_serial = 0 where id = ${machine.machineId}`;
  }
  const firstGeneration = first.holds?.generation;
  await startGeneration(db.url);
  const stopped = async () => (await db.sql`select issuing_stopped_reason as why from server_state`)[0]?.why;
  const made = await packageOf(first);
  expect(made.generation).toBeGreaterThan(1);
  expect(await stopped()).toBe("from_the_future");
  await expect(resumeIssuing(security)).rejects.toThrow("denied");
  expect(await resumeIssuing(owner)).toEqual({ ok: true, alarms: 1 });
  expect(await resumeIssuing(owner)).toEqual({ ok: false, reason: "not_stopped" });
  await packageOf(second);
  expect(await stopped()).toBeNull();
  expect(
    await db.sql`select 1 from machine_alarm where machine_id = ${second.machineId} and seen_at is null`,
  ).toHaveLength(1);

  second.holds = { generation: made.generation + 1, serial: 1 };
  for (let n = 0; n < 2; n += 1) expect((await second.sync({ store: false })).status).toBe(200);
  expect(await stopped()).toBe("from_the_future");
  const alarms =
    await db.sql`select details from machine_alarm where machine_id = ${second.machineId} order by raised_at`;
  expect(alarms.map(({ details }) => details.generation)).toEqual([firstGeneration, made.generation + 1]);
  await resumeIssuing(owner);
});

test("a signing key rotates: announced, pinned, in force, ended, and a laptop from a drawer comes along", async () => {
  const [old, drawer] = [await enrol([]), await enrol([])];
  const before = old.pinned;
  const announced = await announceSigningKey(security);
  expect(announced).toMatchObject({ ok: true });
  expect(await announceSigningKey(security)).toEqual({ ok: false, reason: "announced" });
  const { id } = announced as { id: string };
  const first = await packageOf(old);
  expect(first.nextSigningKey).toBeDefined();
  expect(old.pinned).toBe(id);
  expect((await packageOf(old)).nextSigningKey).toBeUndefined();

  const made = await createEnrolmentToken(security, { machine: "KEY-1", users: [] });
  expect(made.ok && made.signingKeyId).toBe(before);
  expect(await putSigningKeyInForce(security)).toEqual({ ok: true, id });
  expect(await putSigningKeyInForce(security)).toEqual({ ok: false, reason: "none_announced" });
  const fresh = await enrol([]);
  expect(fresh.pinned).toBe(id);

  expect(await endSigningKey(security, { id, force: true })).toEqual({ ok: false, reason: "in_force" });
  expect(await endSigningKey(security, { id: before, force: false })).toMatchObject({ reason: "pinned" });
  expect((await packageOf(drawer)).nextSigningKey).toBeDefined();
  expect(drawer.pinned).toBe(id);
  await db.sql`update machine set ended_at = now(), ended_as = 'released' where pinned_key_id = ${before}`;
  expect(await endSigningKey(security, { id: before, force: false })).toEqual({ ok: true, machines: 0 });
  await packageOf(drawer);
  drawer.pinned = before;
  expect(await drawer.sync()).toMatchObject({ status: 409, body: { error: "key_ended" } });
  expect((await listSigningKeys(security)).map(({ state }) => state)).toEqual(["ended", "in_force"]);
});

test("who was taken off a machine and signs in there again is on it again, and by hand outranks that", async () => {
  const [user, other] = [await insertUser(db.sql), await insertUser(db.sql)];
  const machine = await enrol([user.id]);
  const { machineId, name, keys } = machine;
  const slots = slotsOf(await packageOf(machine), user.id);
  const log = keepReceipts(
    { id: machineId, name, privateKey: keys.privateKey },
    { serial: machine.holds?.serial ?? 0 },
  );
  const signIn = async ({ slotId, salt }: (typeof slots)[number]) => {
    const { text } = await issueCode(user.id);
    const proof = proveUse(text, { salt: Buffer.from(salt, "base64url") });
    const { package: made } = await machine.sync({
      receipts: [await log.write({ outcome: "yes", userId: user.id, slotId, proof })],
    });
    expect(made?.users.map(({ userId }) => userId)).toEqual([user.id]);
    return (await db.sql`select source from machine_user where machine_id = ${machineId}`)[0]?.source;
  };
  expect(await unassignUser(security, { machineId, userId: user.id })).toEqual({ ok: true });
  expect(await signIn(slots[0] as (typeof slots)[number])).toBe("signin");
  expect(await assignUser(security, { machineId, userId: user.id })).toEqual({ ok: true });
  expect(await signIn(slots[1] as (typeof slots)[number])).toBe("hand");
  expect(
    await db.sql`select reason, details from audit_event where kind = 'machine.assigned' and target_id = ${machineId} order by id`,
  ).toEqual([
    { reason: null, details: { source: "signin" } },
    { reason: null, details: { source: "hand" } },
  ]);
  expect(await unassignUser(security, { machineId, userId: other.id })).toEqual({
    ok: false,
    reason: "not_found",
  });
  await expect(assignUser(staffContext("helpdesk"), { machineId, userId: other.id })).rejects.toThrow(
    "denied",
  );
});

test("nobody but a machine syncs, and what lies in a package is no secret of ours", async () => {
  const user = await insertUser(db.sql);
  const machine = await enrol([user.id]);
  const made = await packageOf(machine);
  const seeds = await db.sql`select seed_cipher from slot where user_id = ${user.id}`;
  const text = JSON.stringify(made);
  for (const { seed_cipher } of seeds)
    expect(text).not.toContain(Buffer.from(seed_cipher).toString("base64url"));
  expect(Object.keys(slotsOf(made, user.id)[0] ?? {}).sort()).toEqual([
    "anchor",
    "kind",
    "number",
    "salt",
    "slotEpoch",
    "slotId",
    "state",
  ]);
});

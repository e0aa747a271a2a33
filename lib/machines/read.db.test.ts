import { expect, test } from "vitest";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { issueCode } from "@/tools/testing/issuing";
import { TestMachine } from "@/tools/testing/machine";
import { insertUser } from "@/tools/testing/rows";
import { createEnrolmentToken, listEnrolments } from "./create-enrolment-token";
import { listMachinesInput } from "./input";
import { listMachines, readMachine } from "./read";

const db = openTestDatabase();
const doors = openDoors();
const security = staffContext("security");

async function offer(machine: string, users: string[] = []): Promise<string> {
  const made = await createEnrolmentToken(security, { machine, users });
  if (!made.ok) throw new Error(made.reason);
  return made.token;
}

test("a machine's page says what it holds, and how many codes are left for each user while it is offline", async () => {
  const user = await insertUser(db.sql);
  const login = `user-${user.id.slice(0, 8)}`;
  const token = await offer("PAGE-1", [login]);
  expect((await listEnrolments(security)).map(({ machineName, users }) => [machineName, users])).toEqual([
    ["PAGE-1", 1],
  ]);
  expect(JSON.stringify(await listEnrolments(security))).not.toContain(token.slice(0, 22));
  const machine = new TestMachine(doors, "page-1");
  await machine.enrol(token);
  expect(await listEnrolments(security)).toEqual([]);
  const read = async () => {
    const result = await readMachine(staffContext("helpdesk"), machine);
    if (!result.ok) throw new Error(result.reason);
    return result.machine;
  };
  expect(await read()).toMatchObject({
    name: "PAGE-1",
    users: 1,
    storedAt: null,
    people: [{ login, once: 0 }],
  });
  await machine.sync({ store: false });
  expect((await read()).people).toMatchObject([{ once: 0, source: "hand" }]);
  await machine.sync();
  const before = await read();
  expect(before.people).toMatchObject([{ once: 2, reusable: 0, isDisabled: false }]);
  expect(Date.parse(before.storedNotAfter ?? "") - Date.now()).toBeGreaterThan(13.9 * 86_400_000);
  expect(before.pinnedKeyId).toBe(machine.pinned);
  await issueCode(user.id);
  expect((await read()).people).toMatchObject([{ once: 1 }]);
  expect(await readMachine(security, { machineId: user.id })).toEqual({ ok: false, reason: "not_found" });
  await expect(readMachine(publicContext(), machine)).rejects.toThrow("denied");
});

test("machines are listed by name in pages, found by the beginning of their name and by who is on them", async () => {
  const user = await insertUser(db.sql);
  for (const [n, name] of ["list-b", "LIST-A", "List-C", "other_"].entries())
    await db.sql`with m as (insert into machine (name, public_key, pinned_key_id, ended_at, ended_as)
      select ${name}, ${Buffer.alloc(32, n)}, id, ${n === 3 ? new Date() : null}, ${n === 3 ? "released" : null} from signing_key limit 1 returning id)
      insert into machine_user (machine_id, user_id, source) select id, ${user.id}, 'hand' from m where ${n === 0}`;
  const list = async (input: object) => {
    const { machines, next } = await listMachines(security, listMachinesInput.parse(input));
    return { names: machines.map(({ name }) => name), next };
  };
  const first = await list({ query: "LiSt", limit: 2 });
  expect(first.names).toEqual(["LIST-A", "list-b"]);
  expect(await list({ query: "list", limit: 2, after: first.next })).toEqual({
    names: ["List-C"],
    next: null,
  });
  expect((await list({ userId: user.id })).names).toEqual(["list-b"]);
  expect((await list({ show: "ended" })).names).toEqual(["other_"]);
  expect((await list({ query: "%" })).names).toEqual([]);
});

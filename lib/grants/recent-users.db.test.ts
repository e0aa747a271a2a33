import { expect, test } from "vitest";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { expectIssued, insertPerson, wish } from "@/tools/testing/issuing";
import { issueGrant } from "./issue";
import { listRecentUsers } from "./recent-users";

const db = openTestDatabase();

test("whoever handled a user finds them again, the latest first and each once, with what is open now", async () => {
  const desk = staffContext("lead");
  const [ada, grace] = [await insertPerson(db.sql), await insertPerson(db.sql)];
  for (const user of [ada, grace, ada])
    expectIssued(await issueGrant(desk, wish(user, { method: "sms", replaces: "any" })));
  const recent = await listRecentUsers(desk);
  expect(recent.map(({ id }) => id)).toEqual([ada, grace]);
  expect(recent[0]?.access).toMatchObject([{ method: "sms" }]);
  expect(recent[0]?.phones[0]?.masked).toContain("•");
  expect(await listRecentUsers(staffContext("helpdesk"))).toEqual([]);
});

test("access that has ended is not shown as open", async () => {
  const desk = staffContext("lead");
  const ada = await insertPerson(db.sql);
  expectIssued(await issueGrant(desk, wish(ada)));
  await db.sql`update grants set ended_at = now(), ended_as = 'revoked' where user_id = ${ada}`;
  expect((await listRecentUsers(desk))[0]?.access).toEqual([]);
});

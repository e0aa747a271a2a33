import { beforeAll, expect, test } from "vitest";
import { seedPeople } from "@/tools/demo/people";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { findStaffInDirectory } from "./staff-in-directory";

const db = openTestDatabase();

beforeAll(async () => {
  await seedPeople();
});

test("staff are whom their id, or the address that they sign in with, leads to; an id that is nobody's is told", async () => {
  const [ada] =
    await db.sql`select id, display_name as "displayName", directory_id from users where login = 'ada.lovelace'`;
  const [grace] =
    await db.sql`select id, display_name as "displayName" from users where login = 'grace.hopper'`;
  const { directory_id: adasId, ...person } = ada as {
    id: string;
    displayName: string;
    directory_id: string;
  };
  const found = await findStaffInDirectory(staffContext("owner"), [
    { email: "nobody@sparekey.test", userDirectoryId: adasId },
    { email: "Ada.Lovelace@example.com", userDirectoryId: null },
    { email: "ada.lovelace@example.com", userDirectoryId: "mistyped" },
    { email: "nobody@sparekey.test", userDirectoryId: "mistyped" },
    { email: "nobody@sparekey.test", userDirectoryId: null },
    { email: "grace.hopper@example.com", userDirectoryId: adasId },
  ]);
  expect(found).toEqual([
    { people: [person], isIdUnknown: false },
    { people: [person], isIdUnknown: false },
    { people: [person], isIdUnknown: true },
    { people: [], isIdUnknown: true },
    { people: [], isIdUnknown: false },
    { people: [person, grace], isIdUnknown: false },
  ]);
});

test("nobody without a view of staff is told", async () => {
  await expect(findStaffInDirectory(staffContext("helpdesk"), [])).rejects.toMatchObject({ name: "Denied" });
});

import { beforeAll, expect, test } from "vitest";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { seedPeople } from "@/tools/demo/people";
import { clientContext, openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { readUser } from "./read";
import { findUsers } from "./search";
import { setUserDisabled } from "./set-disabled";

const db = openTestDatabase();
const idOf = async (login: string) => {
  const [row] = await db.sql`select id from users where login = ${login}`;
  return row?.id as string;
};
const read = async (ctx: Parameters<typeof readUser>[0], login: string) => {
  const result = await readUser(ctx, { userId: await idOf(login) });
  if (!result.ok) throw new Error(result.reason);
  return result.user;
};

beforeAll(async () => {
  await seedPeople();
});

test("the user's page says who somebody is, with numbers masked for helpdesk", async () => {
  const user = await read(staffContext("helpdesk"), "ada.lovelace");
  expect(user).toMatchObject({
    login: "ada.lovelace",
    displayName: "Ada Lovelace",
    department: "Research",
    site: "New York",
    timeZone: "America/New_York",
    manager: { displayName: expect.any(String), title: "Head of Research" },
    groups: expect.arrayContaining(["all-staff", "dept-research"]),
    privilegedGroups: [],
    isYourself: false,
    disabledAt: null,
    phones: [
      {
        channel: "sms",
        number: "+1 ••• ••• 0101",
        country: "US",
        heldUntil: null,
        isSetByHand: false,
      },
      { channel: "voice", number: "+1 ••• ••• 0102" },
    ],
  });
  expect(user.lastSignInAt).toBeInstanceOf(Date);
  expect(JSON.stringify(user).replaceAll(" ", "")).not.toContain("2025550101");
});

test("whole numbers are for whoever may see them", async () => {
  const user = await read(staffContext("security"), "ada.lovelace");
  expect(user.phones.map(({ number }) => number)).toEqual(["+1 202 555 0101", "+1 202 555 0102"]);
  const seen = await read(clientContext("helpdesk"), "ada.lovelace");
  expect(seen.phones.map(({ number }) => number)).toEqual(["+1 ••• ••• 0101", "+1 ••• ••• 0102"]);
});

test("members of a privileged group are marked, and so is oneself", async () => {
  expect((await read(staffContext(), "root.admin")).privilegedGroups).toEqual(["domain-admins"]);
  const [ada] = await db.sql`select directory_id from users where login = 'ada.lovelace'`;
  const self = staffContext("helpdesk", { userDirectoryId: ada?.directory_id });
  expect((await read(self, "ada.lovelace")).isYourself).toBe(true);
  expect(
    (await read(staffContext("helpdesk", { email: "ADA.lovelace@example.com" }), "ada.lovelace")).isYourself,
  ).toBe(true);
  expect((await read(self, "grace.hopper")).isYourself).toBe(false);
});

test("nobody's id is refused, and a stranger is denied", async () => {
  const userId = "00000000-0000-4000-8000-000000000000";
  expect(await readUser(staffContext(), { userId })).toEqual({ ok: false, reason: "user_not_found" });
  await expect(readUser(publicContext(), { userId })).rejects.toMatchObject({ name: "Denied" });
});

test("who is disabled stands behind the enabled at once, and before again when enabled", async () => {
  const order = async () =>
    (await inStatement((tx) => findUsers(tx, { query: "mueller" }))).users.map(({ login }) => login);
  const [first = ""] = await order();
  const userId = await idOf(first);
  expect(await inTransaction((tx) => setUserDisabled(tx, { userId, isDisabled: true }))).toBe(true);
  expect(await inTransaction((tx) => setUserDisabled(tx, { userId, isDisabled: true }))).toBe(false);
  const after = await order();
  expect(after.indexOf(first)).toBeGreaterThan(0);
  expect((await read(staffContext(), first)).disabledAt).toBeInstanceOf(Date);
  await inTransaction((tx) => setUserDisabled(tx, { userId, isDisabled: false }));
  expect((await order())[0]).toBe(first);
});

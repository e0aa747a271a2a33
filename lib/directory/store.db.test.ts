import { expect, test } from "vitest";
import { inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase } from "@/tools/testing/database";
import { findUserByName, findUserForAccess } from "./store";

const db = openTestDatabase();

async function addUser(login: string, email: string | null): Promise<string> {
  const [row] = await db.sql`
    insert into users (directory_id, login, login_key, email, email_key, first_name, last_name, display_name)
    values (${`d-${login}`}, ${login}, ${login.toLowerCase()}, ${email}, ${email?.toLowerCase() ?? null}, 'A', 'B', 'A B')
    returning id`;
  return row?.id as string;
}

test("a sign-in name is a login or an address, whatever its case, width and blanks", async () => {
  const id = await addUser("Ada.Lovelace", "Ada@Example.com");
  await db.sql`insert into user_group (user_id, group_name) values (${id}, 'b'), (${id}, 'a')`;
  await db.sql`insert into user_phone (user_id, channel, e164, last4) values (${id}, 'sms', '+12025550101', '0101')`;
  for (const name of [
    "ada.lovelace",
    " ADA.LOVELACE ",
    "ａｄａ.lovelace",
    "ada@example.COM",
    "\u200eada.lovelace",
  ])
    expect(await inTransaction((tx) => findUserByName(tx, name))).toMatchObject({
      id,
      groups: ["a", "b"],
      phones: [{ channel: "sms", e164: "+12025550101", heldUntil: null }],
    });
});

test.each(["", "ada", "ada.lovelace\0", "\ud800", "%", "àda.lovelace", "😀".repeat(300)])(
  "nobody is found by what is not quite a name: %j",
  async (name) => {
    expect(await inTransaction((tx) => findUserByName(tx, name))).toBeUndefined();
  },
);

test("an address that two people share leads to neither", async () => {
  await addUser("one", "shared@example.com");
  await addUser("two", "shared@example.com");
  expect(await inTransaction((tx) => findUserByName(tx, "shared@example.com"))).toBeUndefined();
});

test("the login of one wins over the same address of another", async () => {
  const id = await addUser("mail@example.com", null);
  await addUser("three", "mail@example.com");
  expect(await inTransaction((tx) => findUserByName(tx, "mail@example.com"))).toMatchObject({ id });
});

test("an id that is nobody's is answered with undefined", async () => {
  expect(
    await inTransaction((tx) => findUserForAccess(tx, "00000000-0000-4000-8000-000000000000")),
  ).toBeUndefined();
});

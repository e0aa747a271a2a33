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

test("an address leads to the one of those who share it that is enabled", async () => {
  const [left, back] = [await addUser("left", "back@example.com"), await addUser("back", "back@example.com")];
  const disable = (id: string) => db.sql`update users set disabled_at = now() where id = ${id}`;
  const find = () => inTransaction((tx) => findUserByName(tx, "back@example.com"));
  await disable(left);
  expect(await find()).toMatchObject({ id: back });
  await disable(back);
  expect(await find()).toBeUndefined();
});

test("the login of somebody disabled leads to nobody else: what relies on it by name would open theirs", async () => {
  const id = await addUser("kim@example.com", null);
  await db.sql`update users set disabled_at = now() where id = ${id}`;
  await addUser("kim", "kim@example.com");
  expect(await inTransaction((tx) => findUserByName(tx, "kim@example.com"))).toMatchObject({ id });
});

test("an id that is nobody's is answered with undefined", async () => {
  expect(
    await inTransaction((tx) => findUserForAccess(tx, "00000000-0000-4000-8000-000000000000")),
  ).toBeUndefined();
});

test("who is erased leaves the look-up by the index, also by a plan that was made while nobody was there", async () => {
  const own = await db.sql.reserve();
  const add = async (group: string, count: number) => {
    await own`
      insert into users (id, directory_id, login, login_key, first_name, last_name, display_name)
      select gen_random_uuid(), l, l, l, 'Ada', 'Lovelace', 'Ada Lovelace' from generate_series(1, ${count}::int) i, concat(${group}::text, i) l`;
    await own`
      insert into user_search_key (user_id, rank, head, word, rest)
      select u.id, 0, 'a', 'w' || i, '' from users u, generate_series(1, 16) i where u.login like ${`${group}%`}`;
  };
  const erase = (group: string) => own`delete from users where login like ${`${group}%`}`;
  await own`delete from users`;
  await add("before", 200);
  await erase("before");
  await own`analyze user_search_key`;
  await add("planned", 1);
  await erase("planned");
  await add("stays", 500);
  await add("goes", 10);

  const countRead = async () => {
    const [row] = await own`
      select (idx_tup_fetch + seq_tup_read)::int as read from pg_stat_xact_user_tables where relname = 'user_search_key'`;
    return row?.read as number;
  };
  await own`begin`;
  const before = await countRead();
  await erase("goes");
  const read = (await countRead()) - before;
  await own`commit`;
  const [left] = await own`select count(*)::int as rows from user_search_key`;
  own.release();
  expect([read, left?.rows]).toEqual([160, 8_000]);
});

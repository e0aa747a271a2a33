import { expect, test } from "vitest";
import { decodeWords, encodeWords, toSearchKeys } from "@/lib/directory/words";
import { openTestDatabase } from "@/tools/testing/database";
import { listDemoPeople, seedPeople } from "./people";

const db = openTestDatabase();

test("the demo's people come once, the ten of the contract among them, and a restart changes nothing of them", async () => {
  expect(await seedPeople()).toEqual({ added: 500, changed: 0, unchanged: 0 });
  const state = () => db.sql`
    select u.directory_id, u.login, u.email, u.display_name, u.disabled_at, m.login as manager, u.search_words, u.updated_at,
      (select jsonb_object_agg(channel, e164) from user_phone p where p.user_id = u.id) as phones,
      (select array_agg(group_name order by group_name) from user_group g where g.user_id = u.id) as groups,
      (select count(*)::int from user_search_key k where k.user_id = u.id) as keys
    from users u left join users m on m.id = u.manager_id order by u.directory_id`;
  const before = await state();
  expect(await seedPeople()).toEqual({ added: 0, changed: 0, unchanged: 500 });
  expect(await state()).toEqual(before);
  const phonesOf = Object.fromEntries(before.map((row) => [row.login, row.phones]));
  expect(phonesOf).toMatchObject({
    "ada.lovelace": { sms: "+12025550101", voice: "+12025550102" },
    "grace.hopper": { sms: "+12025550103" },
    "alan.turing": { voice: "+442079460104" },
    "linus.disabled": { sms: "+12025550105" },
    "root.admin": { sms: "+12025550106", voice: "+12025550106" },
    "zoe.nophone": null,
    "optout.olga": { sms: "+12025550110" },
    "slow.sam": { sms: "+12025550113" },
    "sms.sofia": { sms: "+12025550107" },
    "voice.viktor": { voice: "+442079460108" },
  });
  expect(before.find((row) => row.login === "linus.disabled")?.disabled_at).toBeInstanceOf(Date);
  expect(before.filter((row) => row.groups.includes("domain-admins")).map((row) => row.login)).toEqual([
    "root.admin",
  ]);
  expect(before.filter((row) => row.manager === null)).toHaveLength(1);
  expect(before.every((row) => row.keys > 0)).toBe(true);
});

test("a phone that staff changed survives a restart, what the directory changed follows it", async () => {
  await seedPeople();
  await db.sql`update user_phone set e164 = '+12025550177', last4 = '0177', changed_by = 'staff'
    where user_id = (select id from users where login = 'ada.lovelace') and channel = 'sms'`;
  await db.sql`update users set title = 'Countess' where login = 'ada.lovelace'`;
  expect(await seedPeople()).toEqual({ added: 0, changed: 1, unchanged: 499 });
  const [ada] = await db.sql`select u.title, p.e164, u.search_words, u.id from users u
    join user_phone p on p.user_id = u.id and p.channel = 'sms' where u.login = 'ada.lovelace'`;
  expect(ada).toMatchObject({ title: "Research Scientist", e164: "+12025550177" });
  expect(ada?.search_words).toContain("*0177");
  const keys =
    await db.sql`select rank, head, word, rest from user_search_key where user_id = ${ada?.id} order by 2, 3, 4`;
  const words = decodeWords(ada?.search_words);
  expect(encodeWords(words)).toEqual(ada?.search_words);
  const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  expect([...keys].map((key) => ({ ...key })).sort(byText)).toEqual(
    toSearchKeys(words, false)
      .map(({ rank, head, word, rest }) => ({ rank, head, word, rest }))
      .sort(byText),
  );
});

test("the demo's numbers are nobody's", () => {
  const numbers = listDemoPeople(new Date(0)).flatMap(({ phones }) => Object.values(phones ?? {}));
  expect(numbers.length).toBeGreaterThan(500);
  for (const number of numbers) expect(number).toMatch(/^(\+1[2-9]\d\d55501\d\d|\+442079460\d{3})$/);
});

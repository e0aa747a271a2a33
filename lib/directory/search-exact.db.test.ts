import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase } from "@/tools/testing/database";
import { importUsers } from "./import";
import { type Fit, fitQuery, parseQuery, scoreOf } from "./query";
import { findUsers } from "./search";
import { decodeWords, type SearchWord } from "./words";

const db = openTestDatabase();
const given = "Maria Mario Martin Marta Mark Ma Anna Ann Hans-Peter Jürgen Juergen 李".split(" ");
const family = "Müller Mueller Muller Martin Marx Mark Schmidt Schmitz O'Brien Å Ångström Sch".split(" ");
interface Candidate {
  id: string;
  isDisabled: boolean;
  fit: Fit;
}
let everybody: { id: string; words: SearchWord[]; isDisabled: boolean }[] = [];

/** So few names for so many people that every word is common, and nothing is found by looking at everyone who has one. */
beforeAll(async () => {
  await inTransaction((tx) =>
    importUsers(
      tx,
      Array.from({ length: 1_440 }, (_, i) => {
        const firstName = given[i % 12] as string;
        const lastName = family[Math.floor(i / 12) % 12] as string;
        const middle = i % 5 === 0 ? ` ${given[Math.floor(i / 7) % 12]}` : "";
        return {
          directoryId: `e-${i}`,
          login: i % 3 === 0 ? `sch.mart${i}` : `u${i}`,
          email: i % 4 === 0 ? `annabel.schulz${i}@example.org` : null,
          firstName,
          lastName,
          displayName: `${firstName}${middle} ${lastName}`,
          employeeNumber: String(4_000 + i),
          isDisabled: i % 11 === 0,
          phones: i % 2 === 0 ? { sms: `+1202555${String(i).padStart(4, "0")}` } : {},
        };
      }),
    ),
  );
  const rows = await db.sql`select id, search_words, disabled_at from users`;
  everybody = rows.map((row) => ({
    id: row.id,
    words: decodeWords(row.search_words),
    isDisabled: row.disabled_at !== null,
  }));
}, 60_000);

const beginning = fc
  .tuple(
    fc.constantFrom(...given, ...family, "annabel", "schulz", "mart4", "41", "4100", "0100", "u7"),
    fc.nat(6),
  )
  .map(([word, length]) => word.slice(0, 1 + length));

test("the index finds exactly whom looking at everybody finds, and the best of them first, or says that it may not", async () => {
  let sure = 0;
  const runs = 150;
  await fc.assert(
    fc.asyncProperty(fc.array(beginning, { minLength: 1, maxLength: 4 }), async (typed) => {
      const query = parseQuery(typed.join(" "), ["US", "GB"]);
      const fits = everybody
        .map(({ id, words, isDisabled }) => ({ id, isDisabled, fit: fitQuery(query, words) }))
        .filter((user): user is Candidate => user.fit !== undefined);
      const { users, more } = await inStatement((tx) => findUsers(tx, { query: typed.join(" "), limit: 30 }));
      const shown = users.map(({ id }) => id);
      const fitting = new Map(fits.map((user) => [user.id, user]));
      expect(shown.filter((id) => !fitting.has(id))).toEqual([]);
      expect(new Set(shown).size).toBe(shown.length);
      if (more === "none") expect([...shown].sort()).toEqual(fits.map(({ id }) => id).sort());
      if (more === "some") {
        expect(shown).toHaveLength(30);
        expect(fits.length).toBeGreaterThan(30);
      }
      if (more === "perhaps" || query.terms.length > 2) return;
      sure += 1;
      const order = (a: Candidate, b: Candidate) =>
        scoreOf(a.fit) - scoreOf(b.fit) || Number(a.isDisabled) - Number(b.isDisabled);
      // Of two words of which one is a name's and one a login's, and more than can be shown: a further letter finds them.
      const isSure = (user: Candidate) => query.terms.length === 1 || user.fit.by !== "other";
      const inOrder = shown.map((id) => fitting.get(id) as Candidate).filter(isSure);
      expect(inOrder).toEqual([...inOrder].sort(order));
      const worst = inOrder.length < shown.length ? undefined : inOrder.at(-1);
      const missing = fits.filter((user) => isSure(user) && !shown.includes(user.id));
      expect(missing.filter((user) => worst === undefined || order(user, worst) < 0)).toEqual([]);
    }),
    { numRuns: runs, examples: [[["M", "mart4"]], [["mart4", "m", "m"]], [["41", "4100", "4"]]] },
  );
  expect(sure).toBeGreaterThan(runs / 4);
}, 60_000);

test("three words of which one is whole find the one who has them all among hundreds who have any two", async () => {
  const people = [
    ["Ximena", "Yturbe"],
    ["Ximena", "Zubiri"],
    ["Yturbe", "Zubiri"],
  ].flatMap(([firstName = "", lastName = ""]) =>
    Array.from({ length: 320 }, (_, i) => ({ firstName, lastName, id: `${firstName}-${lastName}-${i}` })),
  );
  await inTransaction((tx) =>
    importUsers(
      tx,
      [...people, { firstName: "Ximena", lastName: "Yturbe Zubiri", id: "the-one" }].map((person) => ({
        directoryId: person.id,
        login: person.id,
        firstName: person.firstName,
        lastName: person.lastName,
        displayName: `${person.firstName} ${person.lastName}`,
      })),
    ),
  );
  for (const query of ["ximena yturbe zubiri", "ximena yt zu", "zub ytur ximena", "yturbe xim z"]) {
    const { users } = await inStatement((tx) => findUsers(tx, { query }));
    expect([query, users.map(({ displayName }) => displayName)]).toEqual([query, ["Ximena Yturbe Zubiri"]]);
  }
}, 60_000);

test("of three half words the two that fewest people have together decide: whoever has all three is found, and nobody else is said to be left", async () => {
  const people = [
    ...Array.from({ length: 200 }, (_, i) => ({
      firstName: "Wilhelmina",
      lastName: "Vandenberg",
      id: `w-${i}`,
    })),
    { firstName: "Wilhelmina", lastName: "Vandenberg Okpara", id: "w-okpara" },
    { firstName: "Wilhelmina", lastName: "Okpara", id: "w-other" },
  ];
  await inTransaction((tx) =>
    importUsers(
      tx,
      people.map(({ id, firstName, lastName }) => ({
        directoryId: id,
        login: id,
        firstName,
        lastName,
        displayName: `${firstName} ${lastName}`,
      })),
    ),
  );
  for (const query of ["wilhelm vandenb ok", "ok wilhelm vandenb", "vandenb okp wil"]) {
    const { users, more } = await inStatement((tx) => findUsers(tx, { query }));
    const names = users.map(({ displayName }) => displayName);
    expect([query, names, more]).toEqual([query, ["Wilhelmina Vandenberg Okpara"], "none"]);
  }
}, 60_000);

const importNamed = (
  people: readonly {
    id: string;
    firstName: string;
    lastName: string;
    displayName?: string;
    email?: string;
  }[],
) =>
  inTransaction((tx) =>
    importUsers(
      tx,
      people.map(({ id, firstName, lastName, displayName = `${firstName} ${lastName}`, email }) => ({
        directoryId: id,
        login: id,
        email,
        firstName,
        lastName,
        displayName,
      })),
    ),
  );

const namesFor = async (query: string) => {
  const { users } = await inStatement((tx) => findUsers(tx, { query }));
  return users.map(({ displayName }) => displayName);
};

test("of three words of which any two are common the one who has all is found, none of the first, and nobody else is said to be left", async () => {
  const make = (firstName: string, lastName: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({ id: `x-${firstName}-${lastName}-${i}`, firstName, lastName }));
  await importNamed([
    ...make("Maximilian", "Schneider", 300),
    ...make("Maximilian", "Alexander", 300),
    ...make("Alexander", "Schneider", 60),
    { id: "x-the-one", firstName: "Maximilian Alexander", lastName: "Schneiderhahn" },
  ]);
  const { users, more } = await inStatement((tx) => findUsers(tx, { query: "max alex schn" }));
  expect(users.map(({ displayName }) => displayName)).toEqual(["Maximilian Alexander Schneiderhahn"]);
  expect(more).toBe("none");
}, 60_000);

test("a word that recurs in a long name is found twice, who has all words whole stands first, and a number may be of letters", async () => {
  await importNamed([
    { id: "y-1", firstName: "María de la Luz", lastName: "de los Santos de la Cruz" },
    { id: "y-2", firstName: "Anne-Marie-Luise", lastName: "Zeta", email: "anne-marie-luise.zeta@ex.org" },
    { id: "y-3", firstName: "Anne-Marie-Luisella", lastName: "Beta" },
  ]);
  await inTransaction((tx) =>
    importUsers(tx, [
      {
        directoryId: "y-4",
        login: "y-4",
        firstName: "Quinn",
        lastName: "Lettered",
        displayName: "Quinn Lettered",
        employeeNumber: "QWX",
      },
    ]),
  );
  expect(await namesFor("la la")).toEqual(["María de la Luz de los Santos de la Cruz"]);
  expect(await namesFor("anne-marie-luise")).toEqual(["Anne-Marie-Luise Zeta", "Anne-Marie-Luisella Beta"]);
  expect(await namesFor("qwx")).toEqual(["Quinn Lettered"]);
  expect(await namesFor("qw")).toEqual([]);
}, 60_000);

import fc from "fast-check";
import { expect, test } from "vitest";
import { findStretches, fitQuery, isEmpty, parseQuery } from "./query";
import { decodeWords, encodeWords, type Searchable, toSearchKeys, toSearchWords } from "./words";

const countries = ["US", "GB"];
const ada: Searchable = {
  firstName: "Ada",
  lastName: "Lovelace",
  displayName: "Ada Lovelace",
  login: "ada.lovelace",
  email: "ada.lovelace@example.com",
  employeeNumber: "E10001",
  phones: ["+12025550101", "+442079460101"],
};
const judge = (typed: string, user: Partial<Searchable> = {}) =>
  fitQuery(parseQuery(typed, countries), toSearchWords({ ...ada, ...user }));

test.each([
  ["ada lovelace", { by: "name", partials: 0 }],
  ["lov ada", { by: "name", partials: 1 }],
  ["a l", { by: "name", partials: 2 }],
  ["ada.lovelace", { by: "name", partials: 0 }],
  ["ada.lovelace@example.com", { by: "whole", partials: 0 }],
  ["ada.lovelace@ex", { by: "other", partials: 1 }],
  ["E-10001", { by: "whole", partials: 0 }],
  ["10001", { by: "whole", partials: 0 }],
  ["1000", { by: "other", partials: 1 }],
  ["0101", { by: "other", partials: 0 }],
  ["ada 0101", { by: "other", partials: 0 }],
  ["lovelace 1000", { by: "other", partials: 1 }],
  ["<ada.lovelace@example.com>,", { by: "whole", partials: 0 }],
  ["Ada Lovelace <ada.lovelace@example.com>;", { by: "other", partials: 0 }],
  ["mailto:ada.lovelace@example.com", { by: "whole", partials: 0 }],
  ["EXAMPLE\\ada.lovelace", { by: "name", partials: 0 }],
  ["“ada”", { by: "name", partials: 0 }],
  ["ada ada", undefined],
  ["e", undefined],
  ["010", undefined],
  ["5550101", undefined],
  ["ada lovelace x", undefined],
  ["", undefined],
])("%j fits Ada: %j", (typed, expected) => {
  expect(judge(typed)).toEqual(expected);
});

test.each([
  ["martin mar", { firstName: "Martin", lastName: "Marx", displayName: "Martin Marx" }, true],
  ["martin mar", { firstName: "Martin", lastName: "Schulz", displayName: "Martin Schulz" }, false],
  ["mar martin", { firstName: "Martin", lastName: "Martin", displayName: "Martin Martin" }, true],
  ["kim", { login: "kim" }, true],
  ["小龙 李", { firstName: "小龙", lastName: "李", displayName: "小龙 李" }, true],
  ["李小龙", { firstName: "小龙", lastName: "李", displayName: "小龙 李" }, true],
])("each typed word takes a word of its own: %j, %j: %s", (typed, user, isFound) => {
  expect(judge(typed, user) !== undefined).toBe(isFound);
});

test.each([
  ["+1 202 555 0101", ["+12025550101"]],
  ["(202) 555-0101", ["+2025550101", "+12025550101"]],
  ["020 7946 0104", ["+02079460104", "+442079460104"]],
  ["0044 20 7946 0104", ["+442079460104"]],
  ["+0101", []],
  ["555010", []],
  ["2025550101 ada", []],
  ["9".repeat(40), []],
])("%j is read as the numbers %j", (typed, phones) => {
  expect(parseQuery(typed, countries).whole.phones).toEqual(phones);
});

test.each([
  ["Ada Lovelace", "lov ada", ["Ada", "Lov"]],
  ["Jürgen Müller", "mull", ["Müll"]],
  ["Jürgen Müller", "muell", ["Müll"]],
  ["Petra Mueller", "müll", ["Muell"]],
  ["Anne-Marie O'Brien", "obri", ["O'Bri"]],
  ["Anne-Marie O'Brien", "marie bri", ["Marie", "Bri"]],
  ["Anne-Marie O'Brien", "annem", ["Anne-M"]],
  ["مُحَمَّد حسن", "محمد", ["مُحَمَّد"]],
  ["Strauß", "strauss", ["Strauß"]],
  ["김민준", "기", ["김"]],
  ["李小龙", "李", ["李"]],
  ["ada.lovelace@example.com", "ada.lovelace@ex", ["ada.lovelace@ex"]],
  ["E10001", "1000", ["1000"]],
  ["Ada Lovelace", "ove", []],
  ["Mu\u0308ller", "mu", ["Mu\u0308"]],
])("in %j, %j makes bold %j", (text, typed, bold) => {
  const query = parseQuery(typed, countries);
  expect(findStretches(text, query).map(([start, end]) => text.slice(start, end))).toEqual(bold);
});

const anything = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 300 }),
);

test("whatever is typed and whatever a name is, nothing fails, and stretches lie within the text in order", () => {
  fc.assert(
    fc.property(anything, anything, (typed, name) => {
      const query = parseQuery(typed, countries);
      const words = toSearchWords({ ...ada, displayName: name, firstName: typed, login: name });
      fitQuery(query, words);
      expect(decodeWords(encodeWords(words))).toEqual(words);
      let last = -1;
      for (const [start, end] of findStretches(name, query)) {
        expect(start).toBeGreaterThan(last);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(name.length);
        last = end;
      }
      if (isEmpty(query)) expect(fitQuery(query, words)).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test("an index stays small for any name: a row is far below what a page holds, and pairs end after eight words", () => {
  const words = toSearchWords({
    ...ada,
    displayName: "ﷺ ".repeat(150),
    firstName: "ab-".repeat(99),
    lastName: "x".repeat(300),
  });
  const keys = toSearchKeys(words, false);
  expect(keys.length).toBeLessThan(2_000);
  for (const { head, word, rest } of keys) expect(Buffer.byteLength(head + word + rest)).toBeLessThan(1_200);
});

test("a usual name takes a usual number of rows", () => {
  expect(toSearchKeys(toSearchWords(ada), false)).toHaveLength(15);
});

import { expect, test } from "vitest";
import { fits, parseFilter } from "./filter";

test.each([
  [String.raw`a eq "DOMAIN\\user"`, String.raw`DOMAIN\user`],
  [String.raw`a eq "DOMAIN\user"`, String.raw`DOMAIN\user`],
  [String.raw`a eq "ends\\"`, String.raw`ends\ `.trim()],
  [String.raw`a eq "say \"hi\""`, 'say "hi"'],
  [String.raw`a eq "\\\"\\"`, String.raw`\"\ `.trim()],
  [String.raw`a eq "\u00e9"`, "é"],
  [`a eq "(((((((((((((((("`, "(((((((((((((((("],
])("%s compares with %s", (text, compValue) => {
  expect(parseFilter(text)).toEqual({ op: "eq", attrPath: "a", compValue });
});

test("a string without an end takes no time, whatever stands in it (filter-backtracking)", () => {
  const begun = performance.now();
  for (const filler of ["\n", "\r\n", "\t", "\\", "\\\\", '\\"', " ", "x"])
    expect(() => parseFilter(`a eq "${filler.repeat(900)}`)).toThrow("invalidFilter");
  expect(performance.now() - begun).toBeLessThan(500);
});

test.each([
  ['type eq "WORK"', true],
  ['type eq "work" and value co "@x"', true],
  ['not (type eq "work")', false],
  ['type ne "work" or primary eq "True"', true],
  ["display pr", false],
  ['value sw "a" and value ew "example" and value gt "a@"', true],
])("of a value, %s is %s", (filter, expected) => {
  expect(fits({ type: "work", value: "a@x.example", primary: true }, parseFilter(filter))).toBe(expected);
});

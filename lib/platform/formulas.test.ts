import { expect, test } from "vitest";
import { withApostrophes, withoutApostrophes } from "./formulas";

test.each([
  ["=1+1", "'=1+1"],
  ["+49 170 1234567", "'+49 170 1234567"],
  ["a;=cmd|' /C calc'!A0;b", "a;'=cmd|' /C calc'!A0;b"],
  ["\n@SUM(A1)", "\n'@SUM(A1)"],
  ["＝1+1", "'＝1+1"],
  ["a\t-2", "a\t'-2"],
  ["Anne-Marie", "Anne-Marie"],
  ["O'Brien", "O'Brien"],
  ["", ""],
])("no spreadsheet runs %j, and it comes back as it was", (cell, written) => {
  expect(withApostrophes(cell)).toBe(written);
  expect(withoutApostrophes(written)).toBe(cell);
});

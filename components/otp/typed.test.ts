import { expect, test } from "vitest";
import { inGroups, toPlainCode } from "./typed";

test.each([
  ["7kq29fx4", "7KQ2-9FX4"],
  ["7kq2-9fx4-", "7KQ2-9FX4"],
  ["7kq2", "7KQ2"],
  ["1234 5678 9", "1234 5678 9"],
  ["12345a", "1234-5A"],
  ["1234-56", "1234-56"],
  ["７ｋｑ２９", "7KQ2-9"],
  ["١٢٣٤٥", "1234 5"],
  ["\u200e7k\u200f", "7K"],
  ["", ""],
])("%j is shown as %j while it is typed", (typed, shown) => {
  expect(inGroups(typed)).toBe(shown);
});

test("however much is pasted, little of it is looked at", () => {
  expect(toPlainCode("x".repeat(1_000_000)).length).toBe(128);
});

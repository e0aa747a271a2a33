import { expect, test } from "vitest";
import { toDigits } from "./model";

test.each([
  ["123456", "123456"],
  [" 123 456 ", "123456"],
  ["123-456", "123456"],
  ["123\u2013456", "123456"],
  ["\u202e123456\u202c", "123456"],
  ["١٢٣٤٥٦", "123456"],
  ["۱۲۳۴۵۶", "123456"],
  ["１２３４５６", "123456"],
])("%j is read as %s", (typed, digits) => {
  expect(toDigits(typed)).toBe(digits);
});

test.each(["12345", "1234567", "abcdef", "", "12345\u0000", "9".repeat(10_000)])(
  "%j is not made into six digits",
  (typed) => {
    expect(toDigits(typed)).not.toMatch(/^\d{6}$/);
  },
);

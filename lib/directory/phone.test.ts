import { expect, test } from "vitest";
import { groupPhone, maskPhone, parseE164, parsePhone } from "./phone";

test.each([
  ["+12025550101", "+1 ••• ••• 0101"],
  ["+442079460104", "+44 ••• ••• 0104"],
  ["+4915112345678", "+49 ••• ••• 5678"],
  ["+2904567", "+290 ••• ••• 67"],
  ["nonsense", "••• •••"],
  ["", "••• •••"],
])("%s is shown as %s", (e164, masked) => {
  expect(maskPhone(e164)).toBe(masked);
});

test.each([
  ["+12025550101", "+1 202 555 0101"],
  ["+442079460104", "+44 20 7946 0104"],
  ["+4915112345678", "+49 1511 2345678"],
  ["+80012345678", "+800 1234 5678"],
  ["+2904567", "+290 4567"],
  ["nonsense", "nonsense"],
  ["", ""],
])("%s is written as %s", (e164, grouped) => {
  expect(groupPhone(e164)).toBe(grouped);
});

test.each([
  ["+1 (202) 555-0101", undefined, "+12025550101"],
  ["020 7946 0104", "GB", "+442079460104"],
  ["0151 12345678", "DE", "+4915112345678"],
  ["020 7946 0104", undefined, undefined],
  ["+1 202 555", undefined, undefined],
  ["+12025550101 ext. 7", undefined, undefined],
  ["+999123456789", undefined, undefined],
  ["12\u0000", "US", undefined],
] as const)("%j of %s is %s", (text, country, e164) => {
  expect(parseE164(text, country)).toBe(e164);
});

test("a number tells its country and kind", () => {
  expect(parsePhone("+442079460104")).toMatchObject({ country: "GB", type: "FIXED_LINE" });
  expect(parsePhone("+19002345678")).toMatchObject({ country: "US", type: "PREMIUM_RATE" });
  expect(parsePhone("+80012345678")).toMatchObject({ country: undefined });
});

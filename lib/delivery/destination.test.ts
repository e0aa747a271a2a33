import { expect, test } from "vitest";
import { decideDestination } from "./destination";

const countries = ["US", "GB"];

test.each(["+12025550101", "+442079460104", "+447400123456"])("%s may be sent to", (e164) => {
  expect(decideDestination(e164, countries)).toMatchObject({ ok: true });
});

test.each([
  ["+4915112345678", "country", "a country that isn't on the list"],
  ["+80012345678", "country", "no country's number"],
  ["+19005550100", "number_barred", "a premium number"],
  ["+447012345678", "number_barred", "a personal number, which costs like one"],
  ["+445612345678", "number_barred", "a VoIP number, where the numbering plan tells"],
  ["+1202555010", "no_number", "a number that is too short"],
  ["12025550101", "no_number", "a number without +"],
  ["+1 202 555 0101", "no_number", "a number that isn't in E.164"],
  ["", "no_number", "nothing"],
] as const)("%s is refused as %s: %s (limits, money)", (e164, reason, _why) => {
  expect(decideDestination(e164, countries)).toEqual({ ok: false, reason });
});

test("nothing is allowed where no country is", () => {
  expect(decideDestination("+12025550101", [])).toEqual({ ok: false, reason: "country" });
});

import { expect, test } from "vitest";
import { provesSecondFactor } from "./oidc-model";

test.each([
  [["pwd", "mfa"], null, 10, true],
  [["otp"], null, 10, true],
  [["hwk"], null, 10, true],
  [[], "phr", 10, true],
  [["pwd"], null, 10, false],
  [[], null, 10, false],
  [["sms", "tel"], "1", 10, false],
  [["mfa"], "phrh", null, false],
])("methods %j, context %s, %s s ago: %s", (amr, acr, authAgeSeconds, proves) => {
  expect(provesSecondFactor({ amr, acr, authAgeSeconds })).toBe(proves);
});

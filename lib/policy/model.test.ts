import { expect, test } from "vitest";
import { defaultPolicy, listChanges, policySchema } from "./model";

test("the defaults are those of the limits", () => {
  expect(defaultPolicy).toMatchObject({
    grants: {
      windowSeconds: { access_code: 14_400 },
      windowSecondsMax: 604_800,
      uses: { access_code: "once" },
    },
    tries: { shortMax: 5, backOffFrom: 5, backOffSeconds: 30, backOffSecondsMax: 900, standardMax: 100 },
    otp: { ttlSeconds: 300, triesMax: 3 },
    sends: { perTenMinutesMax: 3, perDayMax: 10, resendSeconds: 30 },
    countries: ["US", "GB"],
    privilegedGroups: ["domain-admins"],
    stepUpSeconds: 900,
    phoneHoldSeconds: 604_800,
  });
  expect(defaultPolicy.grants.reusableMethods).not.toContain("access_code");
});

test.each([
  ["an access code that lives longer than 7 days", { grants: { windowSecondsMax: 604_801 } }],
  ["a window under a minute", { grants: { windowSeconds: { sms: 59 } } }],
  ["an OTP that lives longer than 10 minutes", { otp: { ttlSeconds: 601 } }],
  ["a short code that lives longer than 24 hours", { accessCode: { shortWindowSecondsMax: 86_401 } }],
  ["a sixth try of a short code", { tries: { shortMax: 6 } }],
  ["more than 100 wrong tries in a row", { tries: { standardMax: 101 } }],
  ["a step-up older than 15 minutes", { stepUpSeconds: 901 }],
  ["a held number free before 7 days", { phoneHoldSeconds: 604_799 }],
  ["no form of an access code at all", { accessCode: { forms: [] } }],
  ["a group that no database can hold", { privilegedGroups: ["Admins\0"] }],
  ["a word that it doesn't know", { grantz: {} }],
])("no policy allows %s", (_, document) => {
  expect(policySchema.safeParse(document).success).toBe(false);
});

test("changes are named by their place, however deep, and lists as a whole", () => {
  const after = policySchema.parse({ grants: { windowSeconds: { sms: 3600 } }, countries: ["DE"] });
  expect(listChanges(defaultPolicy, after)).toEqual(["countries", "grants.windowSeconds.sms"]);
  expect(listChanges(after, structuredClone(after))).toEqual([]);
});

import { describe, expect, test } from "vitest";
import type { Actor } from "@/lib/platform/context";
import { type Policy, policySchema } from "@/lib/policy/model";
import { decideIssue, decideOffers, type Question, type Wanted } from "./decide";
import { type GrantUser, stateOf } from "./model";

const now = new Date("2026-11-23T12:00:00Z");
const hour = 3600;
const day = 24 * hour;

const staff = (role: "helpdesk" | "lead" | "owner", overrides: object = {}): Actor => ({
  kind: "staff",
  staffId: "s",
  sessionId: "x",
  name: "Hanna",
  email: "hanna@sparekey.test",
  role,
  userDirectoryId: null,
  isSteppedUp: true,
  ...overrides,
});
const key = (role: "helpdesk" | "integration" | null): Actor => ({
  kind: "client",
  clientId: "c",
  name: "script",
  role,
  scopes: [],
});
const system: Actor = { kind: "system", name: "demo" };

const ada: GrantUser = {
  id: "u",
  directoryId: "d-ada",
  login: "ada.lovelace",
  email: "ada@example.com",
  disabledAt: null,
  groups: ["staff"],
  phones: [
    { channel: "sms", e164: "+12025550101", heldUntil: null },
    { channel: "voice", e164: "+442079460104", heldUntil: null },
  ],
};

const policyOf = (document: object): Policy => policySchema.parse(document);

function ask(wanted: Wanted, overrides: Partial<Question> = {}) {
  return decideIssue(
    { policy: policyOf({}), actor: staff("helpdesk"), user: ada, now, ...overrides },
    wanted,
  );
}

describe("who may be given what", () => {
  const withPhone = (phone: object) => ({
    user: { ...ada, phones: [{ channel: "sms" as const, e164: "+12025550101", heldUntil: null, ...phone }] },
  });
  test.each<[string, Partial<Question>, Wanted, object]>([
    [
      "oneself, by directory id",
      { actor: staff("owner", { userDirectoryId: "d-ada" }) },
      { method: "sms" },
      { reason: "yourself" },
    ],
    [
      "oneself, by e-mail in another case",
      { actor: staff("owner", { email: "Ada@Example.COM" }) },
      { method: "sms" },
      { reason: "yourself" },
    ],
    [
      "oneself, by a directory id in another case",
      { actor: staff("owner", { userDirectoryId: "D-ADA" }) },
      { method: "sms" },
      { reason: "yourself" },
    ],
    [
      "oneself, by e-mail, whatever id stands there",
      { actor: staff("owner", { email: "ada@example.com", userDirectoryId: "d-before" }) },
      { method: "sms" },
      { reason: "yourself" },
    ],
    [
      "oneself, by a login that is one's address",
      {
        actor: staff("owner", { email: "a.l@example.com" }),
        user: { ...ada, login: "A.L@example.com", email: null },
      },
      { method: "sms" },
      { reason: "yourself" },
    ],
    [
      "a disabled user",
      { user: { ...ada, disabledAt: now } },
      { method: "access_code" },
      { reason: "user_disabled" },
    ],
    [
      "a privileged user, by helpdesk",
      { user: { ...ada, groups: ["domain-admins"] } },
      { method: "sms" },
      { reason: "privileged", group: "domain-admins" },
    ],
    [
      "a member of a privileged group that is written otherwise",
      {
        user: { ...ada, groups: ["Domänen-Admins".normalize("NFC")] },
        policy: policyOf({ privilegedGroups: ["domänen-admins".normalize("NFD")] }),
      },
      { method: "access_code" },
      { reason: "privileged" },
    ],
    [
      "a privileged user, by a key",
      { user: { ...ada, groups: ["domain-admins"] }, actor: key("integration") },
      { method: "sms" },
      { reason: "privileged" },
    ],
    [
      "a method that is off for all",
      { policy: policyOf({ methodsOff: ["voice"] }) },
      { method: "voice" },
      { reason: "method_off", group: null },
    ],
    [
      "a method that is off for a group",
      {
        policy: policyOf({ methodsOffByGroup: [{ group: "staff", methods: ["sms"], because: "SIM swaps" }] }),
      },
      { method: "sms" },
      { reason: "method_off", group: "staff", because: "SIM swaps" },
    ],
    ["a text without a number", { user: { ...ada, phones: [] } }, { method: "sms" }, { reason: "no_number" }],
    ["a call with an SMS number only", withPhone({}), { method: "voice" }, { reason: "no_number" }],
    [
      "a number that is held",
      withPhone({ heldUntil: new Date(now.getTime() + 1) }),
      { method: "sms" },
      { reason: "number_held", heldUntil: new Date(now.getTime() + 1) },
    ],
    [
      "a country that isn't allowed",
      withPhone({ e164: "+4915112345678" }),
      { method: "sms" },
      { reason: "country", country: "DE" },
    ],
    ["a premium number", withPhone({ e164: "+19002345678" }), { method: "sms" }, { reason: "number_barred" }],
    [
      "a form that is off",
      { policy: policyOf({ accessCode: { forms: ["short"] } }) },
      { method: "access_code", form: "standard" },
      { reason: "form_off", forms: ["short"] },
    ],
    [
      "a reusable code where policy doesn't say so",
      {},
      { method: "access_code", uses: "reusable" },
      { reason: "uses_off" },
    ],
    [
      "a window under a minute",
      {},
      { method: "sms", windowSeconds: 59 },
      { reason: "window_too_short", windowSecondsMin: 60 },
    ],
    [
      "a code to staff whose second factor is old",
      { actor: staff("owner", { isSteppedUp: false }) },
      { method: "access_code" },
      { reason: "step_up_needed" },
    ],
  ])("refused: %s", (_, question, wanted, refusal) => {
    expect(ask(wanted, question)).toMatchObject({ ok: false, ...refusal });
  });

  test.each<[string, Partial<Question>, Wanted]>([
    [
      "a privileged user, by a lead",
      { user: { ...ada, groups: ["domain-admins"] }, actor: staff("lead") },
      { method: "sms" },
    ],
    ["a number whose hold is over to the millisecond", withPhone({ heldUntil: now }), { method: "sms" }],
    [
      "a text by staff whose second factor is old",
      { actor: staff("helpdesk", { isSteppedUp: false }) },
      { method: "sms" },
    ],
    [
      "a code to a program, which has no second factor",
      { actor: key("helpdesk") },
      { method: "access_code" },
    ],
    ["a code to who has no phone", { user: { ...ada, phones: [] } }, { method: "access_code" }],
    [
      "a reusable code where policy says so",
      { policy: policyOf({ grants: { reusableMethods: ["access_code"] } }) },
      { method: "access_code", uses: "reusable" },
    ],
  ])("given: %s", (_, question, wanted) => {
    expect(ask(wanted, question)).toMatchObject({ ok: true });
  });
});

describe("how long it lives", () => {
  test.each<[string, Actor, object, Wanted, number, string]>([
    ["helpdesk", staff("helpdesk"), {}, { method: "access_code" }, day, "issuer"],
    ["a lead, who is helpdesk", staff("lead"), {}, { method: "sms" }, day, "issuer"],
    ["an owner", staff("owner"), {}, { method: "access_code" }, 7 * day, "company"],
    ["a helpdesk key", key("helpdesk"), {}, { method: "access_code" }, day, "issuer"],
    ["an integration key", key("integration"), {}, { method: "access_code" }, 7 * day, "company"],
    ["an OAuth client", key(null), {}, { method: "access_code" }, 7 * day, "company"],
    ["the system", system, {}, { method: "sms" }, 7 * day, "company"],
    [
      "the company's ceiling, above the owner's",
      staff("owner"),
      { grants: { windowSecondsMax: 2 * hour } },
      { method: "access_code" },
      2 * hour,
      "company",
    ],
    ["a short code", staff("owner"), {}, { method: "access_code", form: "short" }, day, "short_code"],
    [
      "a shorter short code by policy",
      staff("owner"),
      { accessCode: { shortWindowSecondsMax: hour } },
      { method: "access_code", form: "short" },
      hour,
      "short_code",
    ],
  ])("the longest of %s", (_, actor, document, wanted, windowSecondsMax, ceiling) => {
    const question = { actor, policy: policyOf(document) };
    expect(ask({ ...wanted, windowSeconds: windowSecondsMax }, question)).toMatchObject({
      ok: true,
      terms: { windowSeconds: windowSecondsMax },
    });
    expect(ask({ ...wanted, windowSeconds: windowSecondsMax + 1 }, question)).toEqual({
      ok: false,
      reason: "window_too_long",
      windowSecondsMax,
      ceiling,
    });
  });

  test("4 hours where nobody asks, or as long as may be where that is less", () => {
    expect(ask({ method: "sms" })).toMatchObject({ terms: { windowSeconds: 4 * hour, uses: "reusable" } });
    expect(ask({ method: "access_code" })).toMatchObject({
      terms: { windowSeconds: 4 * hour, uses: "once", form: "standard" },
    });
    const policy = policyOf({ accessCode: { shortWindowSecondsMax: hour } });
    expect(ask({ method: "access_code", form: "short" }, { policy })).toMatchObject({
      terms: { windowSeconds: hour },
    });
  });

  test("the company's lock is above whoever asks and whatever is asked, for access codes", () => {
    const policy = policyOf({ accessCode: { lockedWindowSeconds: 3 * day, lockedUses: "reusable" } });
    const wanted = { windowSeconds: 60, uses: "once" } as const;
    expect(ask({ method: "access_code", ...wanted }, { policy })).toMatchObject({
      terms: { windowSeconds: 3 * day, uses: "reusable", locked: { window: true, uses: true } },
    });
    expect(ask({ method: "access_code", form: "short" }, { policy })).toMatchObject({
      terms: { windowSeconds: day },
    });
    expect(ask({ method: "sms", ...wanted }, { policy })).toMatchObject({
      terms: { windowSeconds: 60, uses: "once", locked: { window: false, uses: false } },
    });
  });
});

describe("what the screen offers", () => {
  test("what is offered with its defaults is never refused, and what isn't says the same as the refusal", () => {
    const actors = [
      staff("helpdesk"),
      staff("lead"),
      staff("owner", { isSteppedUp: false }),
      key("integration"),
    ];
    const users = [
      ada,
      { ...ada, phones: [] },
      { ...ada, disabledAt: now },
      { ...ada, groups: ["domain-admins"] },
      { ...ada, phones: [{ channel: "voice" as const, e164: "+4915112345678", heldUntil: null }] },
    ];
    const policies = [
      policyOf({}),
      policyOf({ methodsOff: ["sms"], accessCode: { forms: ["short"], lockedWindowSeconds: 7 * day } }),
      policyOf({
        grants: { windowSecondsMax: 600, reusableMethods: [] },
        accessCode: { lockedUses: "reusable" },
      }),
    ];
    for (const actor of actors)
      for (const user of users)
        for (const policy of policies) {
          const question = { policy, actor, user, now };
          for (const offer of decideOffers(question)) {
            const answer = decideIssue(question, { method: offer.method });
            if (!offer.offered) expect(answer).toEqual(offer.because);
            else if (offer.stepUpNeeded) expect(answer).toEqual({ ok: false, reason: "step_up_needed" });
            else
              expect(answer).toMatchObject({
                ok: true,
                terms: { windowSeconds: offer.windowSeconds, uses: offer.uses[0], locked: offer.locked },
              });
            if (!offer.offered || offer.stepUpNeeded || offer.locked.window) continue;
            const longest = { method: offer.method, windowSeconds: offer.windowSecondsMax };
            expect(decideIssue(question, longest)).toMatchObject({ ok: true });
            const longer = { method: offer.method, windowSeconds: offer.windowSecondsMax + 1 };
            expect(decideIssue(question, longer)).toMatchObject({ reason: "window_too_long" });
          }
        }
  });

  test("who may not issue is offered nothing", () => {
    const offers = decideOffers({ policy: policyOf({}), actor: { kind: "user" }, user: ada, now });
    expect(offers.map((offer) => offer.offered)).toEqual([false, false, false]);
  });
});

test("a grant is expired from the very moment on, swept or not", () => {
  const at = (offset: number) => new Date(now.getTime() + offset);
  expect(stateOf({ endedAs: null, expiresAt: at(1) }, now)).toBe("live");
  expect(stateOf({ endedAs: null, expiresAt: at(0) }, now)).toBe("expired");
  expect(stateOf({ endedAs: "spent", expiresAt: at(-1) }, now)).toBe("spent");
});

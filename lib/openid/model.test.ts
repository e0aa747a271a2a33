import { expect, test } from "vitest";
import { announcedSeconds, decideKeys, decideProof, isAcceptable, type OpenidRequest } from "./model";

const request = (asked: Partial<OpenidRequest>): OpenidRequest => ({
  clientId: "c",
  name: "Intranet",
  acrValues: null,
  amrValues: null,
  subjects: [],
  hint: null,
  correlationId: null,
  ...asked,
});
const hint = { sub: "s", oid: "o", preferredUsername: "ada" };
const ours = "urn:sparekey:acr:emergency-access";

test.each([
  ["sms", ["otp", "sms"]],
  ["voice", ["otp", "tel"]],
  ["access_code", ["otp"]],
] as const)("an application is told all of what was done by %s", (method, amr) => {
  expect(decideProof(request({}), method)).toEqual({ acr: ours, amr });
  expect(decideProof(request({ amrValues: ["otp"] }), method)).toEqual({ acr: ours, amr });
});

test.each([
  ["sms", null, "sms"],
  ["voice", null, "tel"],
  ["access_code", null, "otp"],
  ["sms", ["otp", "tel"], "otp"],
  ["voice", ["fido", "otp"], "otp"],
] as const)(
  "Entra is told one word of what was done by %s where it takes %j: %s",
  (method, amrValues, word) => {
    expect(decideProof(request({ hint, amrValues }), method)).toEqual({
      acr: "possessionorinherence",
      amr: [word],
    });
  },
);

test.each([
  [["possession"], "possession"],
  [["knowledgeorinherence", "knowledgeorpossession"], "knowledgeorpossession"],
  [["knowledge"], undefined],
  [["inherence"], undefined],
  [[ours], undefined],
])("of Entra's classes %j what a phone or a code is: %s", (acrValues, acr) => {
  expect(decideProof(request({ hint, acrValues }), "sms")?.acr).toBe(acr);
});

test("a class of Entra's is nobody else's", () => {
  expect(decideProof(request({ acrValues: ["possession"] }), "sms")).toBeUndefined();
});

test("a request is acceptable where there is a method that it takes", () => {
  expect(isAcceptable(request({ amrValues: ["tel"] }))).toBe(true);
  expect(decideProof(request({ amrValues: ["tel"] }), "sms")).toBeUndefined();
  expect(isAcceptable(request({ amrValues: ["fido"] }))).toBe(false);
  expect(isAcceptable(request({ acrValues: [] }))).toBe(false);
});

const now = new Date("2026-11-28T12:00:00Z");
const hoursOld = (hours: number) => ({ createdAt: new Date(now.getTime() - hours * 3_600_000), hours });
const announced = announcedSeconds / 3600;

test.each([
  [[], [], []],
  [[0], [0], []],
  [[0, 500], [500, 0], []],
  [[announced - 1, 500], [500, announced - 1], []],
  [[announced, 500], [announced, 500], []],
  [[announced + 25, 500], [announced + 25], [500]],
  [[0, announced + 25, 500], [announced + 25, 0], [500]],
  [[0, 1, 500], [500, 0, 1], []],
])(
  "of keys %j hours old %j are published, the one that signs first, and %j are over",
  (ages, published, over) => {
    const decided = decideKeys(ages.map(hoursOld), now);
    expect(decided.published.map(({ hours }) => hours)).toEqual(published);
    expect(decided.over.map(({ hours }) => hours)).toEqual(over);
  },
);

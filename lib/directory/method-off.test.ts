import { expect, test } from "vitest";
import { policySchema } from "@/lib/policy/model";
import { findMethodOff } from "./method-off";

const policyOf = (document: object) => policySchema.parse(document);

test("a method is off for a user by the first group that says so, and the company's word goes first", () => {
  const rules = [{ group: "b", methods: ["sms"], because: "why" }];
  expect(findMethodOff(policyOf({ methodsOffByGroup: rules }), ["a"], "sms")).toBeUndefined();
  expect(findMethodOff(policyOf({ methodsOffByGroup: rules }), ["a", "B"], "sms")).toMatchObject({
    group: "b",
  });
  expect(findMethodOff(policyOf({ methodsOffByGroup: rules }), ["a", "b"], "sms")).toEqual({
    group: "b",
    because: "why",
  });
  expect(findMethodOff(policyOf({ methodsOff: ["sms"], methodsOffByGroup: rules }), ["b"], "sms")).toEqual({
    group: null,
    because: null,
  });
});

import { expect, test } from "vitest";
import { z } from "zod";
import de from "@/components/messages/de.json";
import en from "@/components/messages/en.json";
import { defaultPolicy, policySchema } from "@/lib/policy/model";
import { getAt, listPolicyPaths, policySections, readBounds, setAt } from "./sections";

const leaves = (value: unknown, path = ""): string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, path === "" ? name : `${path}.${name}`))
    : [path];

test("every part of the policy can be edited on the page, once", () => {
  expect(listPolicyPaths().toSorted()).toEqual(leaves(defaultPolicy).toSorted());
});

test("every part of the policy has a name and an explanation in both languages", () => {
  for (const { policy } of [en, de])
    for (const path of listPolicyPaths()) {
      const words = getAt(policy.field, path) as { label?: string; hint?: string } | undefined;
      expect(words?.label, path).toBeTruthy();
      expect(words?.hint, path).toBeTruthy();
    }
});

test("the form asks for numbers within the very bounds that the door judges by", () => {
  const bounds = readBounds(z.toJSONSchema(policySchema, { io: "input" }));
  const numbers = policySections
    .flatMap(({ fields }) => fields)
    .filter(({ kind }) => ["span", "lockedSpan", "count", "money"].includes(kind));
  for (const { path } of numbers) {
    const bound = bounds[path];
    expect(bound, path).toBeDefined();
    if (bound === undefined) continue;
    expect(policySchema.safeParse(setAt(defaultPolicy, path, bound.max)).success, path).toBe(true);
    expect(policySchema.safeParse(setAt(defaultPolicy, path, bound.max + 1)).success, path).toBe(false);
    expect(policySchema.safeParse(setAt(defaultPolicy, path, bound.min - 1)).success, path).toBe(false);
  }
});

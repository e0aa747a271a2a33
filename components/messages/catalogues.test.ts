import { expect, test } from "vitest";
import de from "./de.json";
import en from "./en.json";

function flatten(node: object, path = ""): Map<string, string> {
  return new Map(
    Object.entries(node).flatMap(([key, value]) =>
      typeof value === "string"
        ? [[`${path}${key}`, value] as const]
        : [...flatten(value as object, `${path}${key}.`)],
    ),
  );
}

const argumentsOf = (message: string) =>
  [...new Set([...message.matchAll(/\{\s*(\w+)\s*[,}]|<(\w+)>/g)].map((m) => m[1] ?? m[2]))].sort();

const english = flatten(en);
const german = flatten(de);

test("German has every message that English has, and no other", () => {
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
});

test.each([...english.keys()])("%s asks for the same values in both languages, and is not empty", (key) => {
  expect(english.get(key)).not.toBe("");
  expect(german.get(key)).not.toBe("");
  expect(argumentsOf(german.get(key) ?? "")).toEqual(argumentsOf(english.get(key) ?? ""));
});

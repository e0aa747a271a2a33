import { expect, test } from "vitest";
import { directoryUserSchema } from "./input";

const person = { directoryId: "1", login: "ada", firstName: "", lastName: "", displayName: "Ada" };
const nameOf = (displayName: string) => directoryUserSchema.parse({ ...person, displayName }).displayName;

test("a name can't turn around the line that it stands in, and letters from right to left stay", () => {
  expect(nameOf("Ada \u202Eecalevol\u202C")).toBe("Ada ecalevol");
  expect(nameOf("\u2066Ada\u2069")).toBe("Ada");
  expect(nameOf("نور الشريف")).toBe("نور الشريف");
  expect(directoryUserSchema.safeParse({ ...person, displayName: "\u202E" }).success).toBe(false);
});

test("what no column can hold becomes a blank, and none stands at an end", () => {
  expect(nameOf("\0Ada\0\nLovelace\ud83d ")).toBe("Ada Lovelace");
});

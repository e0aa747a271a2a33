import { expect, test } from "vitest";
import { Fault } from "@/lib/platform/outcome";
import { toCsvSettings } from "./csv-settings";

const settings = { sizeBytes: 0, country: "DE", isReplacing: true };

test("the settings of a file are read, and what is kept beside them is left out", () => {
  expect(toCsvSettings({ ...settings, sessionId: "s" })).toEqual(settings);
  expect(toCsvSettings({ ...settings, country: null })).toEqual({ ...settings, country: null });
});

test.each([
  {},
  null,
  { isFull: true },
  { ...settings, sizeBytes: -1 },
  { ...settings, country: "XX" },
  { ...settings, isReplacing: "no" },
])("settings that are none of a file's are a fault, and nothing is guessed: %j", (kept) => {
  expect(() => toCsvSettings(kept)).toThrow(Fault);
});

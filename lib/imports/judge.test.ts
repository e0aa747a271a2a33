import { expect, test } from "vitest";
import type { Comparison } from "@/lib/directory/compare";
import { countJudged } from "./judge";

const judged = (is: Comparison["is"], becomes: "disabled" | "enabled" | null = null): Comparison => ({
  wanted: {} as Comparison["wanted"],
  is,
  becomesDisabled: becomes === "disabled",
  becomesEnabled: becomes === "enabled",
  phonesKept: 0,
});

test("everybody counts once, also who is changed and disabled, or enabled again", () => {
  const counts = countJudged([
    judged("added"),
    judged("changed"),
    judged("changed", "disabled"),
    judged("changed", "disabled"),
    judged("changed", "enabled"),
    judged("unchanged"),
  ]);
  expect(counts).toMatchObject({ added: 1, changed: 1, unchanged: 1, disabled: 2, enabled: 1 });
});

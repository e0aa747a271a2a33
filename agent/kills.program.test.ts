import { expect, it } from "vitest";
import { killMachine } from "@/tools/proof/machine";
import { makeChance } from "@/tools/proof/random";

it("killed at any moment of verify and sync grants no use twice or unrecorded, and can be read (a sample of npm run proof)", async () => {
  const { violations, at } = await killMachine(20, makeChance(20261124));
  expect(violations).toEqual([]);
  expect([...at.values()].reduce((sum, times) => sum + times, 0)).toBe(20);
}, 240_000);

import { describe, expect, test } from "vitest";
import { dealKills, dealRounds } from "./deal";
import { makeChance } from "./random";
import { steps } from "./steps";

const take = <T>(count: number, deal: () => T): T[] => Array.from({ length: count }, deal);

test("nothing is dealt again before everything was, and each round has an order of its own", () => {
  const list = [..."abcdefgh"];
  const deal = dealRounds(list, makeChance(7));
  const rounds = take(20, () => take(list.length, deal));
  for (const round of rounds) expect(round.toSorted()).toEqual(list);
  expect(new Set(rounds.map(String)).size).toBe(20);
});

describe.each([0, 1, 20261124, 2 ** 32 - 1])("with the seed %i", (seed) => {
  test("every step has its turn three times in 100 kills, and a quarter of them is at no step", () => {
    const dealt = take(100, dealKills(steps, makeChance(seed)));
    expect(dealt.filter((step) => step === undefined)).toHaveLength(25);
    for (const step of steps)
      expect(dealt.filter((each) => each === step).length, step.name).toBeGreaterThanOrEqual(3);
  });

  test("a few kills are at as many steps, and one of four at none", () => {
    const dealt = take(8, dealKills(steps, makeChance(seed)));
    expect(new Set(dealt.filter((step) => step !== undefined)).size).toBe(6);
    for (const four of [dealt.slice(0, 4), dealt.slice(4)])
      expect(four.filter((step) => step === undefined)).toHaveLength(1);
  });
});

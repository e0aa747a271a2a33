import { expect, test } from "vitest";
import { askRates, decideProofNeeded } from "./model";

test("a proof is needed above either rate, and not at it", () => {
  const { fromOneNetwork, inTotal } = askRates;
  expect(decideProofNeeded({ fromOneNetwork, inTotal })).toBe(false);
  expect(decideProofNeeded({ fromOneNetwork: fromOneNetwork + 1, inTotal: 1 })).toBe(true);
  expect(decideProofNeeded({ fromOneNetwork: 1, inTotal: inTotal + 1 })).toBe(true);
});

import { describe, expect, test } from "vitest";
import { checkPlace, checkTime, type SignedReceipt, type TakenReceipt } from "./chain-of-receipts";

const minute = 60_000;
const now = new Date("2026-11-24T10:00:00.000Z");
const serial = now.getTime() - 60 * minute;

function makeReceipt(overrides: Partial<SignedReceipt> = {}): SignedReceipt {
  return {
    machineId: "00000000-0000-4000-8000-000000000001",
    seq: 5,
    previous: "four",
    hash: "five",
    at: new Date(now.getTime() - 10 * minute).toISOString(),
    generation: 1,
    serial,
    userId: null,
    slotId: null,
    outcome: "mistyped",
    proof: null,
    ...overrides,
  };
}
const makeTaken = (seq: number, hash: string, previous: string, overrides: Partial<TakenReceipt> = {}) =>
  ({ seq, hash, previous, at: new Date(now.getTime() - 20 * minute), outcome: "yes", ...overrides }) as const;

describe("the place of a receipt in its chain", () => {
  test.each([
    ["the next one", makeReceipt(), 4, [makeTaken(4, "four", "three")], undefined],
    ["the first one", makeReceipt({ seq: 1, previous: "nothing" }), 0, [], undefined],
    ["a first one that names something", makeReceipt({ seq: 1 }), 0, [], "fork"],
    ["one behind a gap", makeReceipt(), 3, [], "gap"],
    ["one that comes late into a gap", makeReceipt(), 9, [makeTaken(6, "six", "five")], undefined],
    ["a late one that the next doesn't name", makeReceipt(), 9, [makeTaken(6, "six", "other")], "fork"],
    ["one that names another before", makeReceipt(), 4, [makeTaken(4, "other", "three")], "fork"],
    ["one whose number is taken", makeReceipt(), 5, [makeTaken(5, "other", "four")], "fork"],
    [
      "one that goes on behind either side of a fork",
      makeReceipt(),
      4,
      [makeTaken(4, "other", "three"), makeTaken(4, "four", "three")],
      undefined,
    ],
  ])("%s", (_, receipt, headSeq, neighbours, kind) => {
    expect(checkPlace(receipt, headSeq, 0, neighbours, "nothing")?.kind).toBe(kind);
  });
});

describe("the time of a receipt", () => {
  const at = (minutes: number, overrides: Partial<SignedReceipt> = {}) =>
    makeReceipt({ at: new Date(now.getTime() + minutes * minute).toISOString(), ...overrides });
  const before = makeTaken(4, "four", "three");

  test.each([
    ["up to 5 minutes ahead", at(5), undefined],
    ["more than 5 minutes ahead", at(5.1), "in_the_future"],
    ["5 minutes before its package", at(-65), undefined],
    ["more than 5 minutes before its package", at(-65.1), "before_its_package"],
    ["1970, as the machine itself refused", at(-1e7, { outcome: "clock_back" }), undefined],
    [
      "a yes after any package's end",
      at(0, { outcome: "yes", serial: serial - 15 * 1440 * minute }),
      "after_its_package",
    ],
    [
      "a no after any package's end",
      at(0, { outcome: "package_over", serial: serial - 15 * 1440 * minute }),
      undefined,
    ],
  ])("%s", (_, receipt, because) => {
    expect(checkTime(receipt, undefined, now)?.because).toBe(because);
  });

  test.each([
    ["5 minutes before the one before", at(-25), before, undefined],
    ["further back", at(-25.1), before, "going_back"],
    [
      "back from a time that the machine itself refused",
      at(-40),
      { ...before, outcome: "package_over" },
      undefined,
    ],
    [
      "back from a time that was reported as impossible",
      at(-40),
      { ...before, at: new Date(now.getTime() + minute) },
      undefined,
    ],
  ])("%s", (_, receipt, earlier, because) => {
    expect(checkTime(receipt, earlier, now)?.because).toBe(because);
  });
});

import { expect, test } from "vitest";
import { lineUp } from "./line-up";

const waiting = (directoryId: string, key: string) => ({ directoryId, key });
const idsOf = (batches: { directoryId: string }[][]) =>
  batches.map((batch) => batch.map(({ directoryId }) => directoryId));

test("who waits for a login comes after whoever has it, a new person too", () => {
  const holders = new Map([
    ["p1", "a"],
    ["p2", "b"],
  ]);
  const people = [waiting("new", "p1"), waiting("a", "p2"), waiting("b", "q")];
  expect(idsOf(lineUp(people, holders, 2))).toEqual([["b", "a"], ["new"]]);
});

test("those who pass their logins round stand in one batch, and who waits for one of them after it", () => {
  const holders = new Map(["a", "b", "c"].map((id) => [`login of ${id}`, id]));
  const people = [
    waiting("x", "login of c"),
    waiting("y", "free"),
    waiting("a", "login of b"),
    waiting("b", "login of c"),
    waiting("c", "login of a"),
  ];
  expect(idsOf(lineUp(people, holders, 2))).toEqual([
    ["b", "a", "c"],
    ["x", "y"],
  ]);
});

test("who has the login already comes before those who want it too", () => {
  const people = [waiting("thief", "p9"), waiting("keeper", "p9"), waiting("other", "p9")];
  expect(idsOf(lineUp(people, new Map([["p9", "keeper"]]), 250))).toEqual([["keeper", "thief", "other"]]);
});

test("a hundred thousand in one line, told in the worst order, are lined up in one go", () => {
  const count = 100_000;
  const people = Array.from({ length: count }, (_, n) => waiting(`${n}`, `login of ${n + 1}`));
  const holders = new Map(people.map(({ directoryId }) => [`login of ${directoryId}`, directoryId]));
  const batches = lineUp(people, holders, 250);
  expect(batches).toHaveLength(count / 250);
  expect(batches.flat().map(({ directoryId }) => Number(directoryId))).toEqual(
    Array.from({ length: count }, (_, n) => count - 1 - n),
  );
});

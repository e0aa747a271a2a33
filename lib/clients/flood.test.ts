import { expect, test } from "vitest";
import {
  answeredPerSecondMax,
  decidePace,
  decideRecord,
  type RefusedWindow,
  refusedPerSecondMax,
} from "./flood";

test("a flood of refused calls leaves so many events a second, and the next one counts the rest", () => {
  let window: RefusedWindow = { startedAt: 0, count: 0, left: 0 };
  const run = (now: number) => {
    const decided = decideRecord(window, now);
    window = decided.window;
    return decided;
  };
  const first = Array.from({ length: refusedPerSecondMax + 20 }, () => run(5000));
  expect(first.filter(({ record }) => record)).toHaveLength(refusedPerSecondMax);
  expect(first.every(({ unrecorded }) => unrecorded === 0)).toBe(true);
  expect(run(5999)).toMatchObject({ record: false });
  expect(run(6000)).toMatchObject({ record: true, unrecorded: 21 });
  expect(run(6001)).toMatchObject({ record: true, unrecorded: 0 });
});

test("of a flood of refused calls a tenth of a second's are answered at once, the others in turn, and rest restores it", () => {
  let busyUntil = 0;
  const run = (now: number) => {
    const decided = decidePace(busyUntil, now);
    busyUntil = decided.busyUntil;
    return decided.waitMilliseconds;
  };
  const waits = Array.from({ length: 3 * answeredPerSecondMax }, () => run(5_000));
  expect(waits.filter((wait) => wait === 0)).toHaveLength(answeredPerSecondMax / 10);
  expect(waits.at(-1)).toBeCloseTo(2_900);
  expect(run(7_000)).toBeCloseTo(901);
  expect(run(20_000)).toBe(0);
});

import { expect, test } from "vitest";
import { answeredPerSecondMax, decidePace } from "./pace";

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

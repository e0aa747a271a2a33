import { expect, test } from "vitest";
import { decideRecord, nothingRefused, refusedAtOnceMax, refusedPerSecondMax } from "./flood";

test("of a flood of refused calls the first leave an event each, then so many a second, spread over it, which count those before them", () => {
  let record = nothingRefused;
  const run = (now: number) => {
    const decided = decideRecord(record, now);
    record = decided.record;
    return decided;
  };
  const first = Array.from({ length: refusedAtOnceMax + 20 }, () => run(5_000));
  expect(first.filter(({ isRecorded }) => isRecorded)).toHaveLength(refusedAtOnceMax);
  expect(first.every(({ unrecorded }) => unrecorded === 0)).toBe(true);
  const steps = Array.from({ length: 2_000 }, (_, step) => run(5_001 + step));
  const events = steps.filter(({ isRecorded }) => isRecorded);
  expect(events).toHaveLength(2 * refusedPerSecondMax);
  expect(events[0]?.unrecorded).toBe(20 + 99);
  expect(events[1]?.unrecorded).toBe(99);
  const rested = Array.from({ length: refusedAtOnceMax + 1 }, () => run(20_000));
  expect(rested.map(({ isRecorded }) => isRecorded)).toEqual([
    ...Array.from({ length: refusedAtOnceMax }, () => true),
    false,
  ]);
});

import { expect, test } from "vitest";
import { createPeopleCount } from "./count-people";

function make(tookMs: number) {
  const clock = { now: 0, counts: 0 };
  const count = createPeopleCount(
    async () => {
      clock.counts += 1;
      clock.now += tookMs;
      return [{ source: "csv", people: clock.counts, enabled: clock.counts }];
    },
    () => clock.now,
  );
  return { clock, count };
}

test("what is counted quickly is counted each time", async () => {
  const { clock, count } = make(49);
  for (let n = 0; n < 3; n += 1) await count();
  expect(clock.counts).toBe(3);
});

test("who asks while it is counted gets that count, and what took long is told for ten times as long", async () => {
  const { clock, count } = make(300);
  const [first, second] = await Promise.all([count(), count()]);
  expect([clock.counts, first === second]).toEqual([1, true]);
  clock.now = 3_299;
  await count();
  expect(clock.counts).toBe(1);
  clock.now = 3_301;
  await count();
  expect(clock.counts).toBe(2);
});

test("a count that failed is not told again", async () => {
  let fails = true;
  const count = createPeopleCount(async () => {
    if (fails) throw new Error("away");
    return [];
  });
  await expect(count()).rejects.toThrow("away");
  fails = false;
  expect(await count()).toEqual([]);
});

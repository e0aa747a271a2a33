import { expect, test } from "vitest";
import { Line } from "./line";

test("so many work at once, so many wait in order, and the others are sent away", async () => {
  const line = new Line(2, 3);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const runs = Array.from({ length: 7 }, (_, n) =>
    line.run(async () => {
      begun.push(n);
      await new Promise<void>((resolve) => ends.push(resolve));
      return n;
    }),
  );
  expect(begun).toEqual([0, 1]);
  expect(await Promise.all(runs.slice(5))).toEqual(Array(2).fill({ ok: false, reason: "busy" }));
  for (let n = 0; n < 5; n += 1) {
    ends.shift()?.();
    await new Promise(setImmediate);
  }
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect((await Promise.all(runs.slice(0, 5))).every(({ ok }) => ok)).toBe(true);
});

test("work that fails lets the next one in, and tells why", async () => {
  const line = new Line(1, 1);
  const failing = line.run(() => Promise.reject(new Error("broken")));
  const next = line.run(async () => "done");
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toEqual({ ok: true, value: "done" });
  expect(await line.run(async () => "again")).toEqual({ ok: true, value: "again" });
});

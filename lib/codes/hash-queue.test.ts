import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { inHashQueue } from "./hash-queue";

test("a thousand at once run no more side by side than there are places, in order, and the next is refused at once", async () => {
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const work = (n: number) => async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(n);
    running -= 1;
    return n;
  };
  const limit = availableParallelism() + 2;
  const all = Array.from({ length: 1000 + limit }, (_, n) => inHashQueue(work(n)));
  expect(await inHashQueue(work(-1))).toEqual({ ok: false, reason: "busy" });
  const results = await Promise.all(all);
  expect(results.every((each, n) => each.ok && each.value === n)).toBe(true);
  expect(most).toBe(limit);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(await inHashQueue(work(7))).toEqual({ ok: true, value: 7 });
});

test("a failure gives its place back", async () => {
  const failing = Array.from({ length: 50 }, () =>
    inHashQueue(() => Promise.reject(new Error("no memory"))).catch((error: Error) => error.message),
  );
  expect(new Set(await Promise.all(failing))).toEqual(new Set(["no memory"]));
  expect(await inHashQueue(async () => "on")).toEqual({ ok: true, value: "on" });
});

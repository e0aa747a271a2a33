import { availableParallelism } from "node:os";
import { expect, test, vi } from "vitest";
import { behindHashQueue, inHashQueue } from "./hash-queue";

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

test("strangers who fill the queue don't stop the desk: who makes a code goes before all who judge one", async () => {
  let judged = 0;
  const judge = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    judged += 1;
  };
  const places = availableParallelism() + 2;
  const strangers = Array.from({ length: 1000 + places }, () => inHashQueue(judge));
  expect(await inHashQueue(judge)).toMatchObject({ reason: "busy" });
  expect(await inHashQueue(async () => judged, { isAhead: true })).toMatchObject({ ok: true });
  expect(judged).toBeLessThanOrEqual(places);
  await Promise.all(strangers);
});

test("a failure gives its place back", async () => {
  const failing = Array.from({ length: 50 }, () =>
    inHashQueue(() => Promise.reject(new Error("no memory"))).catch((error: Error) => error.message),
  );
  expect(new Set(await Promise.all(failing))).toEqual(new Set(["no memory"]));
  expect(await inHashQueue(async () => "on")).toEqual({ ok: true, value: "on" });
});

test("what nobody waits for takes one place, and none while somebody waits", async () => {
  const order: string[] = [];
  let ahead = 0;
  let most = 0;
  const behind = () => async () => {
    ahead += 1;
    most = Math.max(most, ahead);
    await new Promise((resolve) => setImmediate(resolve));
    order.push("behind");
    ahead -= 1;
  };
  const place = () => async () => {
    await new Promise((resolve) => setImmediate(resolve));
    order.push("person");
  };
  const people = Array.from({ length: 40 }, () => inHashQueue(place()));
  const slots = Array.from({ length: 5 }, () => behindHashQueue(behind()));
  const late = Array.from({ length: 40 }, () => inHashQueue(place()));
  await Promise.all([...people, ...slots, ...late]);
  expect(most).toBe(1);
  expect(order.indexOf("behind")).toBeGreaterThanOrEqual(80 - availableParallelism() - 2);
  await expect(behindHashQueue(() => Promise.reject(new Error("no memory")))).rejects.toThrow("no memory");
  expect(await behindHashQueue(async () => "on")).toBe("on");
});

test("the queue of Argon2id is one for both copies: what runs in one makes the other wait", async () => {
  const one = await import("./hash-queue");
  const done: (() => void)[] = [];
  const hold = () => new Promise<void>((resolve) => done.push(resolve));
  const held = Array.from({ length: 200 }, () => one.inHashQueue(hold));
  await vi.waitFor(() => expect(done.length).toBeGreaterThan(0));
  vi.resetModules();
  const other = await import("./hash-queue");
  let isRun = false;
  const waits = other.inHashQueue(async () => {
    isRun = true;
  });
  await Promise.resolve();
  expect(isRun).toBe(false);
  const all = Promise.all([...held, waits]);
  const release = setInterval(() => {
    for (const end of done.splice(0)) end();
  }, 1);
  await all;
  clearInterval(release);
  expect(isRun).toBe(true);
});

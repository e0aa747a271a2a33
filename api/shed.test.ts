import { expect, test } from "vitest";
import { Shed } from "./shed";

test("a crowd is let in as far as there is room, and the others come back spread", async () => {
  const chances = [0, 0.5, 0.999];
  const shed = new Shed(2, { least: 60, most: 900 }, () => chances.shift() ?? 0);
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const all = Array.from({ length: 5 }, () => shed.run(() => gate));
  release();
  const results = await Promise.all(all);
  expect(results.map((each) => (each.ok ? "in" : each.retryAfterSeconds))).toEqual([
    "in",
    "in",
    60,
    480,
    900,
  ]);
  await expect(shed.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  for (let n = 0; n < 3; n += 1) expect(await shed.run(async () => n)).toEqual({ ok: true, value: n });
});

import { expect, test, vi } from "vitest";

test("two copies of the module, as two bundles have them, answer the same state", async () => {
  const one = await import("./process-wide");
  const made = one.processWide("what is counted", () => ({ count: 1 }));
  vi.resetModules();
  const other = await import("./process-wide");
  expect(other.processWide).not.toBe(one.processWide);
  expect(other.processWide("what is counted", () => ({ count: 2 }))).toBe(made);
  expect(other.processWide("something else", () => ({ count: 3 }))).toEqual({ count: 3 });
});

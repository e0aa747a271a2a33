import { vi } from "vitest";

/** Waits until `check` no longer throws, and gives what it gives: up to 10 s, for a machine that has much else to do. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 10_000, interval: 25 });
}

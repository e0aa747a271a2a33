import { expect, test } from "vitest";
import { type Answer, decideVerdict, parseRetryAfter, retryWaits } from "./model";

const said = (status: number, retryAfterSeconds: number | null = null): Answer => ({
  status,
  retryAfterSeconds,
  excerpt: "",
});

test.each([200, 201, 202, 204, 299])("%d takes a message", (status) => {
  expect(decideVerdict(said(status), 0, 0)).toEqual({ is: "delivered" });
});

test.each([100, 199, 300, 301, 302, 304, 307, 308, 400, 401, 404, 429, 500, 503, 599])(
  "%d doesn't take a message, and it is sent again",
  (status) => {
    expect(decideVerdict(said(status), 0, 0)).toEqual({ is: "retry", waitSeconds: 5 });
  },
);

test("410 wants nothing more", () => {
  expect(decideVerdict(said(410), 0, 0)).toEqual({ is: "gone" });
  expect(decideVerdict(said(410), 99, 0)).toEqual({ is: "gone" });
});

test("the waits grow over three days, each up to a fifth longer at random, and then the message is dead", () => {
  const waits = retryWaits.map((_, failures) => decideVerdict({ failure: "timeout" }, failures, 0));
  const total = waits.reduce((sum, verdict) => sum + (verdict.is === "retry" ? verdict.waitSeconds : 0), 0);
  expect(total).toBe(75 * 3600 + 35 * 60 + 5);
  expect(decideVerdict({ failure: "dns" }, 1, 0.5)).toEqual({ is: "retry", waitSeconds: 330 });
  expect(decideVerdict({ failure: "dns" }, retryWaits.length, 0)).toEqual({ is: "dead" });
});

test("a receiver that asks for time gets it, a day at most, and no try more than others", () => {
  expect(decideVerdict(said(429, 120), 0, 0)).toEqual({ is: "retry", waitSeconds: 120 });
  expect(decideVerdict(said(503, 1), 1, 0)).toEqual({ is: "retry", waitSeconds: 300 });
  expect(decideVerdict(said(503, 1e9), 0, 0)).toEqual({ is: "retry", waitSeconds: 86_400 });
  expect(decideVerdict(said(503, 60), retryWaits.length, 0)).toEqual({ is: "dead" });
});

test.each([
  [undefined, null],
  ["120", 120],
  ["0", 0],
  ["-5", null],
  ["1e9", null],
  ["soon", null],
  ["99999999999999999999", null],
  ["Sat, 28 Nov 2026 12:00:30 GMT", 30],
  ["Sat, 28 Nov 2026 11:00:00 GMT", 0],
  ["2026-11-28", null],
])("Retry-After %s is %s", (value, seconds) => {
  expect(parseRetryAfter(value, new Date("2026-11-28T12:00:00Z"))).toBe(seconds);
});

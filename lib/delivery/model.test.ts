import { expect, test } from "vitest";
import { toNextStep } from "./failure";
import {
  type DeliveryState,
  decideState,
  deliveryStates,
  handOversMax,
  toCost,
  toRetrySeconds,
} from "./model";
import { deliveryFailures, type ReportedStatus } from "./provider";

const reports: ReportedStatus[] = ["sent", "failed", "delivered"];

function permute<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) =>
    permute([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

test.each(permute(reports))("reports in the order %s, %s, %s end as delivered", (...order) => {
  for (const start of ["sending", "unknown", "sent"] satisfies DeliveryState[]) {
    const end = order.reduce<DeliveryState>((state, report) => decideState(state, report) ?? state, start);
    expect(end).toBe("delivered");
  }
});

test("no report takes a delivery back", () => {
  for (const state of deliveryStates) expect(decideState(state, "sent")).not.toBe("queued");
  expect(decideState("delivered", "sent")).toBeUndefined();
  expect(decideState("delivered", "failed")).toBeUndefined();
  expect(decideState("failed", "sent")).toBeUndefined();
});

test("an unknown delivery is known again by any report", () => {
  for (const report of reports) expect(decideState("unknown", report)).toBe(report);
});

test("the wait before handing over again doubles to 30 s, and is never shorter than the provider asks", () => {
  const waits = Array.from({ length: handOversMax }, (_, n) => toRetrySeconds(n + 1, undefined));
  expect(waits.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 30]);
  expect(Math.max(...waits)).toBe(30);
  expect(toRetrySeconds(1, 45)).toBe(45);
});

test("a country's own cost goes before the general one", () => {
  const budget = {
    amountPerDay: 10,
    text: { otherwise: 0.1, byCountry: { GB: 0.04 } },
    call: { otherwise: 0.2, byCountry: {} },
  };
  expect(toCost(budget, "sms", "GB")).toBe(0.04);
  expect(toCost(budget, "sms", "US")).toBe(0.1);
  expect(toCost(budget, "voice", "GB")).toBe(0.2);
});

test("every failure says what to do next, also one that isn't known", () => {
  for (const failure of deliveryFailures) expect(toNextStep(failure)).toMatch(/^[a-z_]+$/);
  expect(toNextStep("toString")).toBe("other_channel");
});

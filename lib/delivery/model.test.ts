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
const standing = <State extends DeliveryState>(state: State, failure: string | null = null) => ({
  state,
  failure,
});

function permute<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) =>
    permute([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

/** What a delivery is after all reports. */
function endOf(start: DeliveryState, order: ReturnType<typeof standing<ReportedStatus>>[]) {
  return order.reduce(
    (known: ReturnType<typeof standing<DeliveryState>>, report) =>
      decideState(known, report) === undefined ? known : report,
    standing(start),
  );
}

test.each(permute(reports))("reports in the order %s, %s, %s end as delivered", (...order) => {
  for (const start of ["sending", "unknown", "sent"] satisfies DeliveryState[])
    expect(
      endOf(
        start,
        order.map((state) => standing(state)),
      ).state,
    ).toBe("delivered");
});

test("a call that a voice mailbox took was not delivered, in whatever order its answer, its end and the mailbox are told", () => {
  const voicemail = standing<ReportedStatus>("failed", "voicemail");
  for (const order of permute([
    standing<ReportedStatus>("sent"),
    standing<ReportedStatus>("delivered"),
    voicemail,
  ]))
    expect(endOf("sending", order)).toEqual(voicemail);
});

test("no report takes a delivery back", () => {
  for (const state of deliveryStates)
    expect(decideState(standing(state), standing("sent"))).not.toBe("queued");
  expect(decideState(standing("delivered"), standing("sent"))).toBeUndefined();
  expect(decideState(standing("delivered"), standing("failed", "busy"))).toBeUndefined();
  expect(decideState(standing("failed", "busy"), standing("sent"))).toBeUndefined();
});

test("an unknown delivery is known again by any report", () => {
  for (const report of reports) expect(decideState(standing("unknown"), standing(report))).toBe(report);
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

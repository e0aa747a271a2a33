import { expect, test } from "vitest";
import { defaultPolicy, type Policy } from "@/lib/policy/model";
import { decideSlots, earliestEpoch, isLater, nextSerial, packageEnd } from "./model";

const hour = 3_600_000;

test("package's end + the longest code life <= slotEpoch + 1023 h, and not a millisecond more (access-code, The chain)", () => {
  const now = new Date("2026-11-23T10:00:00.000Z");
  const notAfter = packageEnd(defaultPolicy, now);
  expect(notAfter.toISOString()).toBe("2026-12-07T10:00:00.000Z");
  const epoch = earliestEpoch(notAfter);
  expect(notAfter.getTime() + 7 * 24 * hour).toBe(epoch.getTime() + 1023 * hour);
});

test("a slot that is made now is good for packages of the longest kind for 21 days", () => {
  const made = new Date("2026-11-23T10:00:00.000Z");
  const last = new Date(made.getTime() + 519 * hour);
  expect(earliestEpoch(packageEnd(defaultPolicy, last))).toEqual(made);
});

test("a user has two single-use slots, and one more where policy lets a code be reused", () => {
  const policy = (change: (policy: Policy) => void) => {
    const changed = structuredClone(defaultPolicy);
    change(changed);
    return decideSlots(changed);
  };
  expect(decideSlots(defaultPolicy)).toEqual({ once: 2, reusable: 0 });
  expect(policy((p) => p.grants.reusableMethods.push("access_code"))).toEqual({ once: 2, reusable: 1 });
  expect(policy((p) => Object.assign(p.accessCode, { lockedUses: "reusable" }))).toEqual({
    once: 2,
    reusable: 1,
  });
  expect(
    policy((p) => {
      p.grants.reusableMethods.push("access_code");
      p.accessCode.lockedUses = "once";
    }),
  ).toEqual({ once: 2, reusable: 0 });
});

test("a later generation is later whatever the serial; the same package is not", () => {
  expect(isLater({ generation: 2, serial: 1 }, { generation: 1, serial: 9 })).toBe(true);
  expect(isLater({ generation: 1, serial: 9 }, { generation: 1, serial: 8 })).toBe(true);
  expect(isLater({ generation: 1, serial: 8 }, { generation: 1, serial: 8 })).toBe(false);
  expect(isLater({ generation: 1, serial: 9 }, { generation: 2, serial: 1 })).toBe(false);
});

test("a serial is the clock, or one more than the last where that went back", () => {
  const now = new Date("2026-11-23T10:00:00.000Z");
  expect(nextSerial(0, now)).toBe(now.getTime());
  expect(nextSerial(now.getTime() + 5, now)).toBe(now.getTime() + 6);
});

import { expect, test } from "vitest";
import { type CodeOfSlot, decideOffline, type MachineHolds } from "./holds";

const hour = 3_600_000;
const now = new Date("2026-11-24T10:00:00.000Z");
const later = (hours: number) => new Date(now.getTime() + hours * hour);
const once = (number: number) => ({ slotId: `s${number}`, number, kind: "once" as const });
const code: CodeOfSlot = { ...once(2), offlineExpiresAt: later(5) };

function makeMachine(overrides: Partial<MachineHolds> = {}): MachineHolds {
  return {
    machineId: "m",
    name: "LAPTOP-7",
    lastContactAt: now,
    syncedAt: later(-48),
    packageUntil: later(240),
    slots: [once(2), once(3), { slotId: "s4", number: 4, kind: "reusable" }],
    ...overrides,
  };
}

test("a code works where its slot is held, until its hour, and what is left of its kind is counted", () => {
  expect(decideOffline([makeMachine()], code, now)).toEqual({
    worksOn: [{ machineId: "m", name: "LAPTOP-7", syncedAt: later(-48), until: later(5), leftAfter: 1 }],
    notOn: [],
  });
});

test("a package that ends before the code's hour ends it there", () => {
  const [works] = decideOffline([makeMachine({ packageUntil: later(2) })], code, now).worksOn;
  expect(works?.until).toEqual(later(2));
});

test.each([
  ["no_package", makeMachine({ syncedAt: null, packageUntil: null, slots: [] }), code],
  ["package_over", makeMachine({ packageUntil: now }), code],
  ["no_slot", makeMachine({ slots: [once(3)] }), code],
  ["no_slot", makeMachine(), null],
  ["short_code", makeMachine(), "short"],
] as const)("where it doesn't work the reason is %s", (why, machine, asked) => {
  expect(decideOffline([machine], asked, now)).toMatchObject({ worksOn: [], notOn: [{ why }] });
});

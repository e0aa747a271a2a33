import { expect, test } from "vitest";
import { playAlwaysOn, playOffice, playOutage, playSlots } from "./fleet";

const fleet = { machines: 2_000, syncSeconds: 14_400, seed: 7 };

test("the same fleet asks for the same, and nobody asks on a day off", () => {
  const days = [true, false, true];
  const load = playOffice(fleet, days);
  expect(playOffice(fleet, days)).toEqual(load);
  expect(load.perDay[1]).toBe(0);
  expect(load.perDay[0]).toBeGreaterThanOrEqual(2 * fleet.machines);
  expect(load.perDay[0]).toBeLessThanOrEqual(4 * fleet.machines);
});

test("machines that are never off ask six times a day and a little more", () => {
  const { perDay } = playAlwaysOn(fleet, 1);
  expect((perDay[0] ?? 0) / fleet.machines).toBeGreaterThan(6);
  expect((perDay[0] ?? 0) / fleet.machines).toBeLessThan(7.5);
});

test("users enrolled in one hour are spread over days when their slots are made anew", () => {
  const wear = { users: 5_000, slotsPerUser: 2, lifeHours: 519, hoursAhead: 24, spreadHours: 96, seed: 7 };
  const made = playSlots(wear, 1_000);
  expect(made[0]).toBe(10_000);
  const later = made.slice(1);
  expect(Math.max(...later)).toBeLessThan(10_000 / 60);
  const first = later.findIndex((n) => n > 0) + 1;
  expect(first).toBeGreaterThanOrEqual(wear.lifeHours - wear.hoursAhead - wear.spreadHours);
});

test("whoever was due while the server was away is back within 50 s, and once", () => {
  const back = playOutage(fleet, 3_600);
  expect(back.slice(50).every((n) => n === 0)).toBe(true);
  const all = back.reduce((sum, n) => sum + n, 0);
  expect(all / fleet.machines).toBeGreaterThan(0.2);
  expect(all / fleet.machines).toBeLessThan(0.35);
});

import { type Chance, makeChance } from "@/tools/proof/random";

/** A fleet of machines, and how it is used. */
export interface Fleet {
  readonly machines: number;
  /** How often a machine that is on asks: after 80 to 100 % of this, drawn anew each time. */
  readonly syncSeconds: number;
  readonly seed: number;
}

/** What a fleet asks of the server. */
export interface FleetLoad {
  /** Syncs on a day, by day of the simulation. */
  readonly perDay: readonly number[];
  /** The most in any one second of a day, and in its busiest minute, by the second. */
  readonly peakSecond: readonly number[];
  readonly peakMinute: readonly number[];
}

const day = 86_400;
const hour = 3_600;

/** How soon after a machine woke it asks (offline, "Package": within 60 s of any contact). */
const wakeSeconds = 60;

/** About normal: the sum of twelve. */
function bell(chance: Chance, mean: number, deviation: number): number {
  let sum = -6;
  for (let n = 0; n < 12; n += 1) sum += chance.between(0, 1_000_000) / 1_000_000;
  return Math.round(mean + sum * deviation);
}

/**
 * Plays `offDays` (days on which nobody works) and working days in the order given: laptops wake at half past eight, give or take
 * twenty minutes, ask within a minute, and again for as long as they are on, until half past five, give or take half an hour.
 * Deterministic: the same fleet gives the same load.
 */
export function playOffice(fleet: Fleet, isWorkday: readonly boolean[]): FleetLoad {
  const chance = makeChance(fleet.seed);
  return gather(isWorkday, (count) => {
    for (let machine = 0; machine < fleet.machines; machine += 1) {
      const on = bell(chance, 8.5 * hour, hour / 3);
      const off = bell(chance, 17.5 * hour, hour / 2);
      let at = on + chance.between(0, wakeSeconds);
      while (at < off) {
        count(at);
        at += nextAfter(chance, fleet.syncSeconds);
      }
    }
  });
}

/** The same of machines that are never off, each beginning anywhere in its four hours. */
export function playAlwaysOn(fleet: Fleet, days: number): FleetLoad {
  const chance = makeChance(fleet.seed);
  return gather(Array(days).fill(true), (count) => {
    for (let machine = 0; machine < fleet.machines; machine += 1)
      for (
        let at = chance.between(0, fleet.syncSeconds);
        at < day;
        at += nextAfter(chance, fleet.syncSeconds)
      )
        count(at);
  });
}

function nextAfter(chance: Chance, syncSeconds: number): number {
  return chance.between(Math.round(syncSeconds * 0.8), syncSeconds);
}

function gather(isWorkday: readonly boolean[], play: (count: (second: number) => void) => void): FleetLoad {
  const loads = isWorkday.map((works) => {
    const seconds = new Uint32Array(day);
    if (works) play((second) => (seconds[Math.max(0, Math.min(day - 1, second))] as number)++);
    return seconds;
  });
  return {
    perDay: loads.map((seconds) => seconds.reduce((sum, n) => sum + n, 0)),
    peakSecond: loads.map((seconds) => seconds.reduce((most, n) => Math.max(most, n), 0)),
    peakMinute: loads.map((seconds) => {
      let most = 0;
      for (let at = 0; at < day; at += 60)
        most = Math.max(most, seconds.subarray(at, at + 60).reduce((sum, n) => sum + n, 0) / 60);
      return most;
    }),
  };
}

/**
 * The syncs in each second after a server comes back that was away for so long, of machines that are all on: who was due meanwhile
 * tries again every 25 to 50 s.
 */
export function playOutage(fleet: Fleet, awaySeconds: number): Uint32Array {
  const chance = makeChance(fleet.seed);
  const back = new Uint32Array(120);
  for (let machine = 0; machine < fleet.machines; machine += 1) {
    let at = chance.between(0, nextAfter(chance, fleet.syncSeconds));
    if (at >= awaySeconds) continue;
    while (at < awaySeconds) at += chance.between(25, 50);
    (back[at - awaySeconds] as number)++;
  }
  return back;
}

/** How the slots of users wear out and are made anew. Hours and days. */
export interface Wear {
  readonly users: number;
  readonly slotsPerUser: number;
  /** How long a slot may stand in packages. */
  readonly lifeHours: number;
  /** The job makes the next this long before, and so many hours more by user. */
  readonly hoursAhead: number;
  readonly spreadHours: number;
  readonly seed: number;
}

/** Slots to make, by hour. */
export function playSlots(wear: Wear, hours: number): Float64Array {
  const chance = makeChance(wear.seed);
  const made = new Float64Array(hours);
  for (let user = 0; user < wear.users; user += 1) {
    const margin = wear.hoursAhead + chance.between(0, wear.spreadHours - 1);
    for (let at = 0; at < hours; at += wear.lifeHours - margin)
      made[at] = (made[at] as number) + wear.slotsPerUser;
  }
  return made;
}

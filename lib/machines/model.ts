import { expiryIndexMax } from "@/lib/codes/format";
import { type Policy, windowSecondsLimit } from "@/lib/policy/model";

/** A machine, as far as its requests are judged. */
export interface Machine {
  readonly id: string;
  readonly name: string;
}

/** How long an enrolment token is good (offline, "Enrolment"). */
export const enrolmentSeconds = 600;

/** How long a dead code stays in packages after its hour, so that a no has its reason. */
export const deadCodeSeconds = 24 * 3600;

/** For how many days after the end of a package it is remembered what stood in it: a machine may hand in its receipts that late. */
export const holdsKeptDays = 90;

/** How many hours before the last slots of a user are too old the next are made, at least; how many hours that is spread over. */
export const renewal = { hoursAhead: 24, spreadHours: 96 } as const;

const hourMilliseconds = 3_600_000;

/**
 * The earliest epoch of a slot that no code was issued from yet and that may stand in a package which ends at `notAfter`: any code
 * that is issued while the package is good must be within the slot's chain.
 * @see access-code, "The chain": package's end + the longest code life <= `slotEpoch` + 1023 h
 */
export function earliestEpoch(notAfter: Date): Date {
  return new Date(notAfter.getTime() + windowSecondsLimit * 1000 - expiryIndexMax * hourMilliseconds);
}

/** When a package that is made `now` ends. */
export function packageEnd(policy: Policy, now: Date): Date {
  return new Date(now.getTime() + policy.offline.packageDays * 24 * hourMilliseconds);
}

/** How many open slots of each kind a user on a machine has (offline, "Package"). */
export function decideSlots(policy: Policy): { once: number; reusable: number } {
  const { lockedUses } = policy.accessCode;
  const mayReuse =
    lockedUses === "reusable" ||
    (lockedUses === null && policy.grants.reusableMethods.includes("access_code"));
  return { once: 2, reusable: mayReuse ? 1 : 0 };
}

/** A package by its generation and serial. */
export interface PackageNumber {
  readonly generation: number;
  readonly serial: number;
}

/** Whether `a` is a later package than `b`. */
export function isLater(a: PackageNumber, b: PackageNumber): boolean {
  return a.generation > b.generation || (a.generation === b.generation && a.serial > b.serial);
}

/** The machine's serial after `last`: it only rises, and is at least the database's clock in milliseconds (offline, "Package"). */
export function nextSerial(last: number, now: Date): number {
  return Math.max(last + 1, now.getTime());
}

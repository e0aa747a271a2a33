import { type Package, packageSchema, packageSecondsMax } from "@/lib/machines/wire";
import { openJws } from "./jws";
import { compareVersions, toVersion, type Version } from "./state";

/** Why a package is refused, and the old one stays. */
export type PackageRefusal =
  | "package_signature"
  | "package_malformed"
  | "package_of_another_machine"
  | "package_dates"
  | "package_over"
  | "package_older";

/** Against what a package is judged. */
export interface Expected {
  readonly machineId: string;
  /** Raw keys that may have signed it, base64url: the one in use, then the one that was announced, if any. */
  readonly pinned: readonly string[];
  /** The newest one so far; undefined: none. */
  readonly newest: Version | undefined;
  readonly now: Date;
}

/** A package to be stored, and the keys that may sign the next. */
export interface Accepted {
  readonly ok: true;
  readonly pack: Package;
  readonly pinned: readonly string[];
}

const hourMilliseconds = 3_600_000;

/**
 * Judges a synced package before it takes the place of the one held. Pure.
 *
 * @returns The package and what is pinned from now on: who signed this, and the key that it announces, or announced before.
 *   Refusals: `package_signature`: no trusted key signed these bytes as a package; `package_malformed`;
 *   `package_of_another_machine`; `package_dates`: good for longer than 14 days or for no time at all, or a slot begins at
 *   no whole hour; `package_over`: past already, by its own server time or by this machine's clock;
 *   `package_older`: a lower generation, serial or, of the same pair, time.
 * @see offline, "Package"
 */
export function acceptPackage(
  jws: string,
  expected: Expected,
): Accepted | { readonly ok: false; readonly reason: PackageRefusal } {
  const refuse = (reason: PackageRefusal) => ({ ok: false, reason }) as const;
  const opened = openJws(jws, "sparekey-package", expected.pinned);
  if (opened === undefined) return refuse("package_signature");
  const parsed = packageSchema.safeParse(opened.payload);
  if (!parsed.success) return refuse("package_malformed");
  const pack = parsed.data;
  if (pack.machineId !== expected.machineId) return refuse("package_of_another_machine");
  if (!areDatesRight(pack)) return refuse("package_dates");
  const notAfter = Date.parse(pack.notAfter);
  if (notAfter <= Date.parse(pack.serverTime) || notAfter <= expected.now.getTime())
    return refuse("package_over");
  if (expected.newest !== undefined && compareVersions(toVersion(pack), expected.newest) < 0)
    return refuse("package_older");
  return { ok: true, pack, pinned: pinNext(pack, opened.signedBy, expected.pinned) };
}

function areDatesRight(pack: Package): boolean {
  const seconds = (Date.parse(pack.notAfter) - Date.parse(pack.issuedAt)) / 1000;
  const slots = pack.users.flatMap((user) => user.slots);
  return (
    seconds > 0 &&
    seconds <= packageSecondsMax &&
    slots.every(({ slotEpoch }) => Date.parse(slotEpoch) % hourMilliseconds === 0)
  );
}

function pinNext(pack: Package, signedBy: string, pinned: readonly string[]): readonly string[] {
  const announced = pack.nextSigningKey ?? (signedBy === pinned[0] ? pinned[1] : undefined);
  return announced === undefined || announced === signedBy ? [signedBy] : [signedBy, announced];
}

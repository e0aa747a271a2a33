import { packageSecondsMax, type Receipt } from "@/lib/machines/wire";

/** How far a machine's clock may be off (offline, "Judging a code offline"). */
const toleranceMilliseconds = 5 * 60_000;

/** A receipt that a machine signed, with base64url of its SHA-256. */
export interface SignedReceipt extends Receipt {
  readonly hash: string;
}

/** A receipt that was taken, as far as its neighbours are judged by it. */
export interface TakenReceipt {
  readonly seq: number;
  readonly hash: string;
  readonly previous: string;
  readonly at: Date;
  readonly outcome: string;
}

/** What is wrong with a receipt's place in the chain, or with its time; `because` says what exactly. */
export interface ChainAlarm {
  readonly kind: "gap" | "fork" | "impossible_time";
  readonly because: string;
}

/**
 * Checks a receipt's place among those that were taken: a receipt that comes late into a gap is welcome, and one that says of
 * its neighbours what they don't say of themselves is a fork.
 *
 * @param headSeq The highest number that was taken; 0: none.
 * @param floorSeq Those up to this number were deleted for their age: who signs one now signs it a second time.
 * @param neighbours Those taken with the number before, the same and the one behind.
 * @param first What the first receipt names as the one before: the hash of nothing.
 */
export function checkPlace(
  receipt: SignedReceipt,
  headSeq: number,
  floorSeq: number,
  neighbours: readonly TakenReceipt[],
  first: string,
): ChainAlarm | undefined {
  if (receipt.seq <= floorSeq) return { kind: "fork", because: "older_than_kept" };
  const at = (seq: number) => neighbours.filter((each) => each.seq === seq);
  if (at(receipt.seq).length > 0) return { kind: "fork", because: "number_taken" };
  const before = receipt.seq === 1 ? [first] : at(receipt.seq - 1).map(({ hash }) => hash);
  if (before.length > 0 && !before.includes(receipt.previous))
    return { kind: "fork", because: "names_another_before" };
  const behind = at(receipt.seq + 1);
  if (behind.length > 0 && behind.every(({ previous }) => previous !== receipt.hash))
    return { kind: "fork", because: "not_named_behind" };
  return receipt.seq > headSeq + 1 ? { kind: "gap", because: "numbers_missing" } : undefined;
}

/** What a machine says itself to be no time to judge by. */
const offClock: readonly string[] = ["clock_back", "package_over"];

/**
 * Checks a receipt's time against the package that it names, the receipt before and the server's clock, with 5 minutes'
 * tolerance. Serials are at least the milliseconds of their package's making, so that the serial alone says since when it can
 * have been held. A machine that itself refused because its clock was behind said so, and is no alarm.
 */
export function checkTime(
  receipt: SignedReceipt,
  before: TakenReceipt | undefined,
  now: Date,
): ChainAlarm | undefined {
  const at = Date.parse(receipt.at);
  const alarm = (because: string): ChainAlarm => ({ kind: "impossible_time", because });
  if (at > now.getTime() + toleranceMilliseconds) return alarm("in_the_future");
  if (receipt.outcome === "clock_back") return undefined;
  if (at < receipt.serial - toleranceMilliseconds) return alarm("before_its_package");
  if (receipt.outcome === "yes" && at > receipt.serial + packageSecondsMax * 1000 + toleranceMilliseconds)
    return alarm("after_its_package");
  const isMark = before !== undefined && !offClock.includes(before.outcome) && before.at <= now;
  return isMark && at < before.at.getTime() - toleranceMilliseconds ? alarm("going_back") : undefined;
}

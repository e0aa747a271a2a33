/** How many refusals of strangers of one kind are recorded, each on its own, in one process: at once after a rest, and a second then. */
export const refusedAtOnceMax = 50;
export const refusedPerSecondMax = 10;

/** What has been recorded: until when it keeps us from more, and how many refusals since were left unrecorded. */
export interface RefusedRecord {
  readonly busyUntil: number;
  readonly left: number;
}

export const nothingRefused: RefusedRecord = { busyUntil: 0, left: 0 };

/**
 * Decides whether a refusal gets an event of its own: the first of a flood all do, then one in so many milliseconds, so that
 * its events don't keep the database from everybody else's work.
 * @param nowMilliseconds by a clock that only goes forward.
 * @param perSecondMax how many leave an event once those at once have.
 * @returns the record as it is then; `unrecorded`: how many refusals the event speaks for besides its own.
 */
export function decideRecord(
  { busyUntil, left }: RefusedRecord,
  nowMilliseconds: number,
  perSecondMax = refusedPerSecondMax,
): { record: RefusedRecord; isRecorded: boolean; unrecorded: number } {
  const recordMilliseconds = 1_000 / perSecondMax;
  const until = Math.max(busyUntil, nowMilliseconds) + recordMilliseconds;
  if (until - nowMilliseconds > refusedAtOnceMax * recordMilliseconds)
    return { record: { busyUntil, left: left + 1 }, isRecorded: false, unrecorded: 0 };
  return { record: { busyUntil: until, left: 0 }, isRecorded: true, unrecorded: left };
}

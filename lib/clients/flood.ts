/** How many refused calls of strangers are recorded in a second, each on its own, in one process. */
export const refusedPerSecondMax = 50;

/** The second that is running: how many refusals it has had, and how many before were left unrecorded. */
export interface RefusedWindow {
  readonly startedAt: number;
  readonly count: number;
  readonly left: number;
}

/**
 * Decides whether a refusal gets an event of its own.
 * @param nowMilliseconds by a clock that only goes forward.
 * @returns the window as it is then; `unrecorded`: how many refusals the event speaks for besides its own.
 */
export function decideRecord(
  window: RefusedWindow,
  nowMilliseconds: number,
): { window: RefusedWindow; record: boolean; unrecorded: number } {
  const isNew = nowMilliseconds - window.startedAt >= 1000;
  const count = (isNew ? 0 : window.count) + 1;
  const startedAt = isNew ? nowMilliseconds : window.startedAt;
  if (count > refusedPerSecondMax)
    return { window: { startedAt, count, left: window.left + 1 }, record: false, unrecorded: 0 };
  return { window: { startedAt, count, left: 0 }, record: true, unrecorded: window.left };
}

/** How many refused calls are answered in a second by one process. */
export const answeredPerSecondMax = 1_000;

const answerMilliseconds = 1_000 / answeredPerSecondMax;
const atOnceMilliseconds = 100;

/**
 * Decides how long the answer to a refused call waits, so that in the long run no more than `answeredPerSecondMax` are answered:
 * what a tenth of a second may have is answered at once, and the rest in turn.
 * @param busyUntil until when the refusals before this one keep us busy, by the same clock as `nowMilliseconds`.
 */
export function decidePace(
  busyUntil: number,
  nowMilliseconds: number,
): { busyUntil: number; waitMilliseconds: number } {
  const until = Math.max(busyUntil, nowMilliseconds) + answerMilliseconds;
  return { busyUntil: until, waitMilliseconds: Math.max(0, until - nowMilliseconds - atOnceMilliseconds) };
}

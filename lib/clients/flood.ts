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

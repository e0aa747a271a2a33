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

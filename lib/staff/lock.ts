const FREE_TRIES = 5;
const FIRST_LOCK_SECONDS = 30;
const LOCK_SECONDS_MAX = 15 * 60;

/**
 * How long nothing is judged after the `failures`th wrong try in a row, passwords of an account and codes of its app each
 * counted apart: nothing before the fifth, then 30 s, doubled by each further one, 15 min at most. It is never locked for good (ASVS 6.3.1).
 */
export function lockSecondsAfter(failures: number): number {
  if (failures < FREE_TRIES) return 0;
  return Math.min(FIRST_LOCK_SECONDS * 2 ** Math.min(failures - FREE_TRIES, 10), LOCK_SECONDS_MAX);
}

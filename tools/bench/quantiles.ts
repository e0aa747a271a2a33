/** Sorts what was measured, and answers each quantile of it by its share: 0.5 the median, 1 the greatest; NaN of nothing. */
export function quantilesOf(measured: readonly number[]): (share: number) => number {
  const sorted = measured.toSorted((a, b) => a - b);
  return (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

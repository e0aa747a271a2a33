import "server-only";
import { inStatement } from "@/lib/platform/transaction";
import { countSources, type SourceCount } from "./job-store";

/** What is counted quicker is counted each time. */
const quickMs = 50;

/** Counting is at most this part of the time. */
const share = 0.1;

interface Counted {
  sources: Promise<readonly SourceCount[]>;
  /** Until when it is told again, by the process's own clock; while it is being counted, without an end. */
  until: number;
}

/**
 * Makes a way to count people by where they come from, for pages that look again every second: whoever asks while it is counted gets
 * that count, and what took long is told again for ten times as long.
 */
export function createPeopleCount(
  count: () => Promise<readonly SourceCount[]>,
  now: () => number = () => performance.now(),
): () => Promise<readonly SourceCount[]> {
  let last: Counted | undefined;
  return () => {
    if (last !== undefined && now() < last.until) return last.sources;
    const begun = now();
    const counted: Counted = { sources: count(), until: Number.POSITIVE_INFINITY };
    last = counted;
    counted.sources.then(
      () => {
        const tookMs = now() - begun;
        counted.until = tookMs < quickMs ? 0 : now() + tookMs / share;
      },
      () => {
        counted.until = 0;
      },
    );
    return counted.sources;
  };
}

/** Counts the people of this database. */
export const countPeople = createPeopleCount(() => inStatement(countSources));

import "server-only";
import { reasonColumn } from "@/lib/directory/people-columns";
import { sayWhy, type WhyLanguage } from "@/lib/directory/say-why";
import { toCsvLine } from "@/lib/platform/csv-line";
import { inStatement } from "@/lib/platform/transaction";
import { listRefusals } from "./lines-store";

/** Each may be 200,000 characters long. */
const linesAtOnce = 50;

/**
 * Writes the lines that an import didn't take as a file of comma-separated values, a page at a time: under the header of their own
 * file, with the reason in a last column. Mended, it is imported as it is. Nothing where there are none.
 */
export async function* writeRefusedLines(
  jobId: string,
  header: readonly string[],
  language: WhyLanguage,
): AsyncGenerator<string> {
  let after = 0;
  for (let isFirst = true; ; isFirst = false) {
    const page = await inStatement((tx) => listRefusals(tx, jobId, after, linesAtOnce));
    if (page.length === 0) return;
    const lines = page.map(({ cells, why }) => toCsvLine(withReason(header, cells, sayWhy(language, why))));
    yield (isFirst ? toCsvLine(withReason(header, header, reasonColumn)) : "") + lines.join("");
    after = page.at(-1)?.line ?? after;
  }
}

/** `cells` with `why` behind them, in the place of the reason that an earlier import gave. */
function withReason(header: readonly string[], cells: readonly string[], why: string): string[] {
  const earlier = header.findIndex((name) => name.trim().toLowerCase() === reasonColumn);
  const kept = cells.filter((_, i) => i !== earlier);
  const width = header.length - (earlier < 0 ? 0 : 1);
  return [...kept, ...Array.from({ length: Math.max(0, width - kept.length) }, () => ""), why];
}

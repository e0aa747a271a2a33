import "server-only";
import { toCsvLine } from "./csv-line";

/** A file that is made as it is read. */
export interface MadeFile {
  readonly name: string;
  readonly type: string;
  readonly pieces: AsyncIterable<string>;
}

/** What a cell can hold: text, a number, an instant (written as ISO 8601, UTC), or nothing. */
type Cell = string | number | Date | null;

const rowsAtOnce = 1_000;

const toText = (cell: Cell) => (cell instanceof Date ? cell.toISOString() : String(cell ?? ""));

/**
 * Makes a file of comma-separated values out of pages of rows, a page in memory at a time; no spreadsheet runs what stands in it.
 * @param kind what the file is called, before the day.
 * @param columns the header's names, and what stands under each.
 * @param readPage reads up to so many rows behind `last`, or the first; fewer than that are the last.
 */
export function makeCsvFile<Row>(
  kind: string,
  columns: Readonly<Record<string, (row: Row) => Cell>>,
  readPage: (last: Row | undefined, rowsMax: number) => Promise<readonly Row[]>,
): MadeFile {
  const reads = Object.values(columns);
  async function* write(): AsyncGenerator<string> {
    yield toCsvLine(Object.keys(columns));
    for (let last: Row | undefined; ; ) {
      const page = await readPage(last, rowsAtOnce);
      yield page.map((row) => toCsvLine(reads.map((read) => toText(read(row))))).join("");
      if (page.length < rowsAtOnce) return;
      last = page.at(-1);
    }
  }
  const day = new Date().toISOString().slice(0, 10);
  return { name: `${kind}-${day}.csv`, type: "text/csv; charset=utf-8", pieces: write() };
}

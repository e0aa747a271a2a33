import "server-only";
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";

/** More characters in one line than any person has: a quote that nobody closed. */
const lineLengthMax = 200_000;

/** A file that can't be read as what it should be; the message says why. */
export class UnreadableFile extends Error {}

/** A line as it stands in the file. */
export interface FileLine {
  /** In the file, from 1; of a record that spans several, the last. */
  line: number;
  cells: string[];
}

function findDelimiter(beginning: Uint8Array): string {
  const [first = ""] = Buffer.from(beginning.subarray(0, 4_096))
    .toString("utf8")
    .split(/[\r\n]/, 1);
  if (first.includes(",")) return ",";
  return [";", "\t"].find((delimiter) => first.includes(delimiter)) ?? ",";
}

async function* decode(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    yield decoder.decode(first, { stream: true });
    for (let next = await rest.next(); !next.done; next = await rest.next())
      yield decoder.decode(next.value, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (cause instanceof TypeError) throw new UnreadableFile("it is not UTF-8", { cause });
    throw cause;
  }
}

/** What the parser's faults mean to whoever has the file. */
const faults: Readonly<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: "something follows a closing quote",
  CSV_MAX_RECORD_SIZE: `a line is longer than ${lineLengthMax.toLocaleString("en")} characters`,
  CSV_QUOTE_NOT_CLOSED: "a quote is never closed",
  INVALID_OPENING_QUOTE: "a quote stands in the middle of a cell",
};

/**
 * Reads a file of comma-separated values, line by line, the header first; a few lines are in memory at a time.
 * A byte order mark, CRLF and quotes are as RFC 4180 and Excel have them; a header without a comma may be parted by semicolons
 * or tabs. Empty lines are passed over.
 * @throws {UnreadableFile} where it isn't UTF-8, or a quote stands where none may: nobody knows then where the next line begins.
 */
export async function* readLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<FileLine> {
  const rest = pieces[Symbol.asyncIterator]();
  const first = await rest.next();
  if (first.done) return;
  const parser = parse({
    bom: true,
    delimiter: findDelimiter(first.value),
    info: true,
    max_record_size: lineLengthMax,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
  });
  pipeline(Readable.from(decode(first.value, rest)), parser, () => undefined);
  try {
    for await (const { record, info } of parser) yield { line: info.lines, cells: record };
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const why = faults[cause.code] ?? cause.code;
    throw new UnreadableFile(`from line ${Number(cause.lines)} on it can't be told apart: ${why}`, { cause });
  }
}

/** What a spreadsheet takes for a formula, wherever it came from (CWE-1236). */
const formula = /^[=+\-@\t\r]/;

/** A line of comma-separated values, with its end. A cell that a spreadsheet would run has an apostrophe before it. */
export function toCsvLine(cells: readonly string[]): string {
  const written = cells.map((cell) => {
    const harmless = formula.test(cell) ? `'${cell}` : cell;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  });
  return `${written.join(",")}\r\n`;
}

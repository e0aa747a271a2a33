import "server-only";
import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import type { Why } from "./why";

/** More characters in one line than any person has: a quote that nobody closed. */
const lineLengthMax = 200_000;

/** More cells in one line than any file of people has columns. The parser counts what stands in cells, and not the cells. */
const lineCellsMax = 1_000;

/** A file that can't be read as what it should be. */
export class UnreadableFile extends Error {
  constructor(
    readonly why: Why,
    options?: ErrorOptions,
  ) {
    super(`a file can't be read: ${why.reason}`, options);
  }
}

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

/** What parts the lines of a file, by the first that stands in it. */
function findLineEnds(beginning: Uint8Array): string[] {
  const [first] = /\r\n|\r|\n/.exec(Buffer.from(beginning).toString("latin1")) ?? [];
  return first === "\r" ? ["\r"] : ["\r\n", "\n"];
}

/** Passes text on whose lines have no more cells than a line may, parted as the parser does. */
function boundCells(delimiter: string, lineEnds: readonly string[]): (text: string) => string {
  const [parts, ends, quote] = [delimiter, lineEnds.at(-1) as string, '"'].map((sign) => sign.charCodeAt(0));
  let cells = 0;
  let isQuoted = false;
  return (text) => {
    for (let at = 0; at < text.length; at += 1) {
      const sign = text.charCodeAt(at);
      if (sign === quote) isQuoted = !isQuoted;
      else if (!isQuoted && sign === ends) cells = 0;
      else if (!isQuoted && sign === parts) cells += 1;
      if (cells >= lineCellsMax) throw new UnreadableFile({ reason: "many_cells", max: lineCellsMax });
    }
    return text;
  };
}

async function* decode(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  check: (text: string) => string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    yield check(decoder.decode(first, { stream: true }));
    for (let next = await rest.next(); !next.done; next = await rest.next())
      yield check(decoder.decode(next.value, { stream: true }));
    yield check(decoder.decode());
  } catch (cause) {
    if (cause instanceof TypeError) throw new UnreadableFile({ reason: "not_utf8" }, { cause });
    throw cause;
  }
}

/** What the parser's faults mean to whoever has the file. */
const faults: Readonly<Record<string, Extract<Why, { reason: "torn" }>["because"]>> = {
  CSV_INVALID_CLOSING_QUOTE: "closing_quote",
  CSV_MAX_RECORD_SIZE: "long_line",
  CSV_QUOTE_NOT_CLOSED: "open_quote",
  INVALID_OPENING_QUOTE: "quote_inside",
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
  const delimiter = findDelimiter(first.value);
  const lineEnds = findLineEnds(first.value);
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: lineEnds,
    info: true,
    max_record_size: lineLengthMax,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
  });
  pipeline(
    Readable.from(decode(first.value, rest, boundCells(delimiter, lineEnds))),
    parser,
    () => undefined,
  );
  try {
    for await (const { record, info } of parser) yield { line: info.lines, cells: record };
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const because = faults[cause.code] ?? "other";
    throw new UnreadableFile({ reason: "torn", line: Number(cause.lines), because }, { cause });
  }
}

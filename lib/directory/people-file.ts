import "server-only";
import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream";
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

async function findDelimiter(handle: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4_096), 0, 4_096, 0);
  const [first = ""] = buffer.toString("utf8", 0, bytesRead).split(/[\r\n]/, 1);
  if (first.includes(",")) return ",";
  return [";", "\t"].find((delimiter) => first.includes(delimiter)) ?? ",";
}

async function* decode(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if (cause instanceof TypeError) throw new UnreadableFile("it is not UTF-8", { cause });
    throw cause;
  }
}

/**
 * Reads a file of comma-separated values from its beginning, line by line, the header first; a few lines are in memory at a time.
 * A byte order mark, CRLF and quotes are as RFC 4180 and Excel have them; a header without a comma may be parted by semicolons
 * or tabs. Empty lines are passed over.
 * @throws {UnreadableFile} where it isn't UTF-8, or a quote stands where none may: nobody knows then where the next line begins.
 */
export async function* readLines(handle: FileHandle): AsyncGenerator<FileLine> {
  const parser = parse({
    bom: true,
    delimiter: await findDelimiter(handle),
    info: true,
    max_record_size: lineLengthMax,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
  });
  const bytes = handle.createReadStream({ start: 0, autoClose: false });
  pipeline(bytes, decode, parser, () => undefined);
  try {
    for await (const { record, info } of parser) yield { line: info.lines, cells: record };
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new UnreadableFile(`from line ${Number(cause.lines)} on it can't be told apart: ${cause.code}`, {
      cause,
    });
  }
}

/** A line of comma-separated values, with its end. */
export function toCsvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\r\n`;
}

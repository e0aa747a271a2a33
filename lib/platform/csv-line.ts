import { withApostrophes } from "./formulas";

/** A line of comma-separated values, with its end. A cell that a spreadsheet would run has an apostrophe before it. */
export function toCsvLine(cells: readonly string[]): string {
  const written = cells.map((cell) => {
    const harmless = withApostrophes(cell);
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  });
  return `${written.join(",")}\r\n`;
}

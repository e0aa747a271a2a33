/** Where a spreadsheet takes what follows for a formula, wherever it came from (CWE-1236); some part cells at more than a comma. */
const before = String.raw`(^|[;\t\r\n])`;
const sign = String.raw`(?=[=+\-@\t\r＝＋－＠])`;
const formula = new RegExp(before + sign, "g");
const harmless = new RegExp(`${before}'${sign}`, "g");

/** A cell that no spreadsheet runs: with an apostrophe before whatever it would. */
export const withApostrophes = (cell: string): string => cell.replace(formula, "$1'");

/** The cell that `withApostrophes` was given. */
export const withoutApostrophes = (cell: string): string => cell.replace(harmless, "$1");

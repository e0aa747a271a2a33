/** The 32 symbols of an access code, by value: Crockford base32 (access-code, "The standard code"). */
export const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The highest expiry index, and so the longest life of a slot's chain in whole hours (10 bits). */
export const expiryIndexMax = 1023;

/** A link of a slot's chain: 65 bits in 9 bytes, big endian, the first byte 0 or 1. */
export const linkBytes = 9;

/** Random symbols of a short code, its check symbol not counted. */
export const shortSymbolsCount = 7;

const linkBits = 65n;
const standardSymbolsCount = 15;
const decimalDigitsCount = 23;
const standardLimit = 1n << 75n;
const inputLengthMax = 256;

const mistyped = { kind: "mistyped" } as const;

/** What a person typed, read as a code. `mistyped` is a slip of the tongue and costs no attempt. */
export type ParsedCode =
  | { readonly kind: "standard"; readonly expiryIndex: number; readonly link: Uint8Array }
  | { readonly kind: "short"; readonly symbols: Uint8Array }
  | { readonly kind: "mistyped" };

/**
 * Reads a typed code in any of its forms. How many symbols are left decides which: 16 standard, 24 decimal, 8 short.
 *
 * Case, white space and hyphens are ignored, `O` reads as `0`, `I` and `L` as `1`. Never throws, and looks at no more
 * than 256 UTF-16 units: anything longer is mistyped.
 *
 * @param input What was typed, untrusted, of any length.
 * @returns `standard` with `expiryIndex` 0-1023 and a 9-byte `link`; `short` with its 7 symbol values 0-31; `mistyped`
 *   where a character is no symbol, the length is none of the three, the check symbol or Damm digit is wrong, or the
 *   decimal number is 2^75 or more.
 * @see access-code, "The standard code", "The short code"
 */
export function parseCode(input: string): ParsedCode {
  const symbols = toSymbols(input);
  switch (symbols?.length) {
    case standardSymbolsCount + 1:
      return checkSymbol(symbols.subarray(0, -1)) === symbols.at(-1)
        ? toStandard(toNumber(symbols.subarray(0, -1), 32n))
        : mistyped;
    case decimalDigitsCount + 1: {
      if (symbols.some((digit) => digit > 9) || dammDigit(symbols) !== 0) return mistyped;
      const number = toNumber(symbols.subarray(0, -1), 10n);
      return number < standardLimit ? toStandard(number) : mistyped;
    }
    case shortSymbolsCount + 1: {
      const random = symbols.slice(0, -1);
      return checkSymbol(random) === symbols.at(-1) ? { kind: "short", symbols: random } : mistyped;
    }
    default:
      return mistyped;
  }
}

/**
 * Writes a standard code as `XXXX-XXXX-XXXX-XXXX`, its check symbol last.
 *
 * @param expiryIndex Whole hours after the slot's epoch, 0-1023.
 * @param link `x_e`, the link at that index.
 * @throws RangeError when either is out of its range.
 * @see access-code, "The standard code"
 */
export function formatStandard(expiryIndex: number, link: Uint8Array): string {
  const number = standardNumber(expiryIndex, link);
  const symbols = Uint8Array.from({ length: standardSymbolsCount }, (_, i) =>
    Number((number >> BigInt(5 * (standardSymbolsCount - 1 - i))) & 31n),
  );
  return inFours(toText(symbols) + alphabet.charAt(checkSymbol(symbols)), "-");
}

/**
 * Writes a standard code as 23 decimal digits and a Damm digit, in six groups of four with spaces between.
 *
 * @param expiryIndex Whole hours after the slot's epoch, 0-1023.
 * @param link `x_e`, the link at that index.
 * @throws RangeError when either is out of its range.
 * @see access-code, "The standard code": decimal form
 */
export function formatDecimal(expiryIndex: number, link: Uint8Array): string {
  const digits = standardNumber(expiryIndex, link).toString().padStart(decimalDigitsCount, "0");
  return inFours(`${digits}${dammDigit(Uint8Array.from(digits, Number))}`, " ");
}

/**
 * Writes a short code as `XXXX-XXXX`, its check symbol last.
 *
 * @param symbols The 7 symbol values, each 0-31.
 * @throws RangeError when there are not 7 of them, or one is out of range.
 * @see access-code, "The short code"
 */
export function formatShort(symbols: Uint8Array): string {
  if (symbols.length !== shortSymbolsCount || symbols.some((symbol) => symbol > 31))
    throw new RangeError("A short code has 7 symbols of 5 bits");
  return inFours(toText(symbols) + alphabet.charAt(checkSymbol(symbols)), "-");
}

/**
 * Throws unless `index` is a whole number 0-1023, as 10 bits hold it.
 *
 * @throws RangeError
 * @see access-code, "The standard code": symbols 1-2
 */
export function assertExpiryIndex(index: number): void {
  if (!Number.isInteger(index) || index < 0 || index > expiryIndexMax)
    throw new RangeError("An expiry index is a whole number from 0 to 1023");
}

/**
 * Throws unless `link` is 65 bits in 9 bytes. The message never holds the link.
 *
 * @throws RangeError
 * @see access-code, "The standard code": symbols 3-15
 */
export function assertLink(link: Uint8Array): void {
  if (link.length !== linkBytes || (link[0] ?? 2) > 1) throw new RangeError("A link is 65 bits in 9 bytes");
}

function toSymbols(input: string): Uint8Array | undefined {
  if (input.length > inputLengthMax) return undefined;
  const symbols: number[] = [];
  for (const character of input) {
    if (/[\s\u002D\u00AD\u2010\u2011]/.test(character)) continue;
    const value = symbolValues.get(character);
    if (value === undefined) return undefined;
    symbols.push(value);
  }
  return Uint8Array.from(symbols);
}

const symbolValues = new Map<string, number>([
  ...Array.from(alphabet + alphabet.toLowerCase(), (symbol, i): [string, number] => [symbol, i % 32]),
  ...Array.from("Oo", (lookAlike): [string, number] => [lookAlike, 0]),
  ...Array.from("IiLl", (lookAlike): [string, number] => [lookAlike, 1]),
]);

function toStandard(number: bigint): ParsedCode {
  const link = new Uint8Array(linkBytes);
  const view = new DataView(link.buffer);
  view.setUint8(0, Number((number >> 64n) & 1n));
  view.setBigUint64(1, BigInt.asUintN(64, number));
  return { kind: "standard", expiryIndex: Number(number >> linkBits), link };
}

function standardNumber(expiryIndex: number, link: Uint8Array): bigint {
  assertExpiryIndex(expiryIndex);
  assertLink(link);
  return (BigInt(expiryIndex) << linkBits) | toNumber(link, 256n);
}

function toNumber(digits: Uint8Array, base: bigint): bigint {
  return digits.reduce((number, digit) => number * base + BigInt(digit), 0n);
}

function toText(symbols: Uint8Array): string {
  return Array.from(symbols, (symbol) => alphabet.charAt(symbol)).join("");
}

function inFours(text: string, separator: string): string {
  return text.replace(/.{4}(?=.)/g, `$&${separator}`);
}

/** Sum of alpha^i * s_i from i = 1 over GF(32), alpha = 2, by Horner's rule. */
function checkSymbol(symbols: Uint8Array): number {
  return symbols.reduceRight((sum, symbol) => timesAlpha(sum ^ symbol), 0);
}

/** Reduces by x^5 + x^2 + 1. */
function timesAlpha(element: number): number {
  return element & 16 ? (element << 1) ^ 0b100101 : element << 1;
}

/** Over digits that end with their own Damm digit the result is 0. */
function dammDigit(digits: Uint8Array): number {
  return digits.reduce((interim, digit) => Number(damm[interim]?.charAt(digit)), 0);
}

/** Damm's totally anti-symmetric quasigroup of order 10. */
const damm = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
];

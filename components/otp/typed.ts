import { toDigits } from "@/lib/otp/model";

/** How long what is typed as a code may be; anything longer is none. */
export const codeLengthMax = 128;

/** What was typed as an access code, its letters and digits as on a Latin keyboard: full-width and Arabic-Indic ones count. */
export function toPlainCode(typed: string): string {
  return typed
    .slice(0, codeLengthMax)
    .normalize("NFKC")
    .replace(/[\p{Nd}\p{Cf}]/gu, toDigits);
}

/** Shows a half-typed code in groups of four: with hyphens, or with spaces while it is nothing but digits. */
export function inGroups(typed: string): string {
  const plain = toPlainCode(typed);
  const symbols = plain.replace(/[\s\p{Pd}]/gu, "").toUpperCase();
  return symbols.replace(/.{4}(?=.)/gu, /^[\d\s]*$/.test(plain) ? "$& " : "$&-");
}

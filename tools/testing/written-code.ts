import { formatDecimal, parseCode } from "@/lib/codes/format";

/** All that an access code may be written as, without blanks: of a standard one its symbols and its 24 digits, of a short one its symbols. */
export function listWritten(code: string): string[] {
  const parsed = parseCode(code);
  if (parsed.kind === "mistyped") throw new Error("this is no access code");
  return parsed.kind === "short"
    ? [code]
    : [code, formatDecimal(parsed.expiryIndex, parsed.link).replaceAll(" ", "")];
}

import { describe, expect, it } from "vitest";
import { alphabet, formatDecimal, formatShort, formatStandard } from "./format";
import { groupsOf, spellSymbol } from "./spelling";

const letters = [...alphabet].slice(10);
const locales = ["en", "de"] as const;

describe("spellSymbol", () => {
  it.each(locales)("says every letter in %s by a word that begins with it", (locale) => {
    expect(letters.map((letter) => spellSymbol(letter, locale).charAt(0))).toEqual(letters);
  });

  it.each(locales)("says every symbol in %s by a word of its own", (locale) => {
    expect(new Set(Array.from(alphabet, (symbol) => spellSymbol(symbol, locale))).size).toBe(32);
  });

  it("says the code of the design as staff read it", () => {
    const said = Array.from("58CQK72", (symbol) => spellSymbol(symbol, "en"));
    expect(said.join(" - ")).toBe("Five - Eight - Charlie - Quebec - Kilo - Seven - Two");
    expect(Array.from("012G", (symbol) => spellSymbol(symbol, "de"))).toEqual([
      "Null",
      "Eins",
      "Zwo",
      "Goslar",
    ]);
  });

  it.each(["", "U", "I", "a", "-", "58", "toString"])("throws on %j, which no code shows", (symbol) => {
    expect(() => spellSymbol(symbol, "en")).toThrow(RangeError);
  });
});

describe("groupsOf", () => {
  it("splits every form into groups of four", () => {
    const link = new Uint8Array(9);
    expect(groupsOf("58CQ-QCSH-2DFG-M6HN")).toEqual(["58CQ", "QCSH", "2DFG", "M6HN"]);
    expect(groupsOf(formatStandard(1023, link)).map((group) => group.length)).toEqual([4, 4, 4, 4]);
    expect(groupsOf(formatDecimal(1023, link)).map((group) => group.length)).toEqual([4, 4, 4, 4, 4, 4]);
    expect(groupsOf(formatShort(new Uint8Array(7))).map((group) => group.length)).toEqual([4, 4]);
  });
});

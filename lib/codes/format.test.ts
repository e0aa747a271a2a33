import fc from "fast-check";
import { describe, expect, it } from "vitest";
import vectors from "./access-code.vectors.json";
import { alphabet, formatDecimal, formatShort, formatStandard, parseCode } from "./format";

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const bytes = fc.uint8Array({ minLength: 9, maxLength: 9 });
const link = bytes.map((b) => Uint8Array.from(b, (v, i) => (i === 0 ? v & 1 : v)));
const expiryIndex = fc.integer({ min: 0, max: 1023 });
const shortSymbols = fc.uint8Array({ minLength: 7, maxLength: 7, max: 31 });

const forms = [
  ["standard", fc.tuple(expiryIndex, link).map(([e, x]) => formatStandard(e, x)), alphabet],
  ["decimal", fc.tuple(expiryIndex, link).map(([e, x]) => formatDecimal(e, x)), "0123456789"],
  ["short", shortSymbols.map(formatShort), alphabet],
] as const;

const bare = (code: string) => code.replaceAll(/[- ]/g, "");

describe("vectors of access-code", () => {
  it.each(vectors.parsing)("$why: $input is $kind", (vector) => {
    const {
      input,
      why: _,
      link,
      symbols,
      ...expected
    } = vector as typeof vector & {
      link?: string;
      symbols?: number[];
    };
    expect(parseCode(input)).toEqual({
      ...expected,
      ...(link !== undefined && { link: fromHex(link) }),
      ...(symbols !== undefined && { symbols: Uint8Array.from(symbols) }),
    });
  });

  it.each(vectors.standard)(
    "$code and $decimal are two forms of one code",
    ({ code, decimal, expiryIndex }) => {
      const parsed = parseCode(code);
      expect(parsed).toMatchObject({ kind: "standard", expiryIndex });
      expect(parseCode(decimal)).toEqual(parsed);
      if (parsed.kind !== "standard") return;
      expect(formatStandard(parsed.expiryIndex, parsed.link)).toBe(code);
      expect(formatDecimal(parsed.expiryIndex, parsed.link)).toBe(decimal);
    },
  );

  it.each(vectors.short)("$code is a short code", ({ symbols, code }) => {
    expect(formatShort(Uint8Array.from(symbols))).toBe(code);
    expect(parseCode(code)).toEqual({ kind: "short", symbols: Uint8Array.from(symbols) });
  });
});

describe("round trips", () => {
  it("reads both forms of a standard code as what was written", () => {
    fc.assert(
      fc.property(expiryIndex, link, (e, x) => {
        const expected = { kind: "standard", expiryIndex: e, link: x };
        expect(parseCode(formatStandard(e, x))).toEqual(expected);
        expect(parseCode(formatDecimal(e, x))).toEqual(expected);
      }),
    );
  });

  it("reads a short code as what was written", () => {
    fc.assert(
      fc.property(shortSymbols, (symbols) => {
        expect(parseCode(formatShort(symbols))).toEqual({ kind: "short", symbols });
      }),
    );
  });

  it("ignores case, white space, hyphens and look-alikes wherever they stand", () => {
    const noise = fc.stringMatching(/^[ \t\n\u00A0\u3000\u00AD\u2010\u2011-]{0,3}$/);
    const look: Record<string, string[]> = { "0": ["O", "o"], "1": ["I", "i", "L", "l"] };
    fc.assert(
      fc.property(
        fc.oneof(...forms.map(([, code]) => code)),
        fc.array(fc.tuple(noise, fc.nat()), { minLength: 24, maxLength: 24 }),
        (code, salt) => {
          const typed = [...bare(code)].map((symbol, i) => {
            const [gap, pick] = salt[i]!;
            const spellings = [symbol, symbol.toLowerCase(), ...(look[symbol] ?? [])];
            return gap + spellings[pick % spellings.length];
          });
          expect(parseCode(typed.join(""))).toEqual(parseCode(code));
        },
      ),
    );
  });
});

describe.each(forms)("a slip of the tongue in the %s form", (_, code, symbols) => {
  it("is mistyped when any one symbol is wrong", () => {
    fc.assert(
      fc.property(code, (shown) => {
        const right = bare(shown);
        for (let i = 0; i < right.length; i++)
          for (const wrong of symbols)
            if (
              wrong !== right[i] &&
              parseCode(right.slice(0, i) + wrong + right.slice(i + 1)).kind !== "mistyped"
            )
              throw new Error(`${wrong} at ${i} of ${right}`);
      }),
      { numRuns: 40 },
    );
  });

  it("is mistyped when any two unequal neighbours are swapped", () => {
    fc.assert(
      fc.property(code, (shown) => {
        const right = bare(shown);
        for (let i = 0; i + 1 < right.length; i++) {
          const swapped = right.slice(0, i) + right[i + 1] + right[i] + right.slice(i + 2);
          if (swapped !== right) expect(parseCode(swapped).kind).toBe("mistyped");
        }
      }),
    );
  });
});

describe("hostile input", () => {
  it("never throws, whatever the string", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (input) => void parseCode(input)));
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...alphabet, "U", "-", "\0", "\u{1F511}", "\uD800") }),
        (input) => void parseCode(input),
      ),
    );
  });

  it("looks at a bounded part of ten million characters", () => {
    const startedAt = performance.now();
    for (const unit of ["A", " ", "-", "9", "\0", "\u{1F511}"])
      expect(parseCode(unit.repeat(10_000_000 / unit.length)).kind).toBe("mistyped");
    expect(parseCode(`58CQ-QCSH-2DFG-M6HN${" ".repeat(10_000_000)}`).kind).toBe("mistyped");
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });

  it.each([
    ["NUL inside", "58CQ-QCSH\0-2DFG-M6HN"],
    ["dotless i, whose upper case is I", "00B\u0131-TYE1-3G5P-RCGQ"],
    ["long s, whose upper case is S", "58CQ-QC\u017FH-2DFG-M6HN"],
    ["full-width digits", "\uFF15\uFF18CQ-QCSH-2DFG-M6HN"],
    ["a letter in the decimal form", "0621 2796 0751 3795 6335 825A"],
    ["a key behind the code", "58CQ-QCSH-2DFG-M6HN\u{1F511}"],
  ])("is mistyped: %s", (_, input) => {
    expect(parseCode(input).kind).toBe("mistyped");
  });
});

describe("writing", () => {
  it.each([
    ["an index below 0", () => formatStandard(-1, new Uint8Array(9))],
    ["an index of 1024", () => formatDecimal(1024, new Uint8Array(9))],
    ["a broken hour", () => formatStandard(0.5, new Uint8Array(9))],
    ["a link of 8 bytes", () => formatStandard(0, new Uint8Array(8))],
    ["a link of 66 bits", () => formatDecimal(0, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0))],
    ["six symbols", () => formatShort(new Uint8Array(6))],
    ["a symbol of 32", () => formatShort(Uint8Array.of(32, 0, 0, 0, 0, 0, 0))],
  ])("throws on %s", (_, write) => {
    expect(write).toThrow(RangeError);
  });
});

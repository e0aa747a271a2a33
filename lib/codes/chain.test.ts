import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepLink } from "@/tools/testing/chain";
import vectors from "./access-code.vectors.json";
import {
  decideExpiry,
  expiryIndexFor,
  linkAt,
  offlineExpiry,
  randomSalt,
  randomSeed,
  randomShort,
  slotEpochOf,
  walkToZero,
} from "./chain";
import { formatDecimal, formatStandard, parseCode } from "./format";

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const salt = fc.uint8Array({ minLength: 16, maxLength: 16 });
const seed = fc
  .uint8Array({ minLength: 9, maxLength: 9 })
  .map((b) => Uint8Array.from(b, (v, i) => (i === 0 ? v & 1 : v)));
const index = fc.integer({ min: 0, max: 1023 });
const hour = 3_600_000;
const epoch = new Date("2026-03-29T01:00:00Z");
const epochPlus = (milliseconds: number) => new Date(epoch.getTime() + milliseconds);

describe("the chain", () => {
  it.each(vectors.standard)("gives $code from its seed, and its x_0 from the code", (vector) => {
    const link = linkAt(fromHex(vector.salt), fromHex(vector.seed), vector.expiryIndex);
    expect(formatStandard(vector.expiryIndex, link)).toBe(vector.code);
    expect(formatDecimal(vector.expiryIndex, link)).toBe(vector.decimal);
    const parsed = parseCode(vector.code);
    if (parsed.kind !== "standard") throw new Error("mistyped");
    expect(walkToZero(fromHex(vector.salt), parsed.expiryIndex, parsed.link)).toEqual(fromHex(vector.x0));
  });

  it("steps by the first 65 bits of SHA-256 over label, salt, index and next link", () => {
    fc.assert(
      fc.property(salt, seed, fc.integer({ min: 0, max: 1022 }), (s, x1023, i) => {
        expect(linkAt(s, x1023, i)).toEqual(stepLink(s, i, linkAt(s, x1023, i + 1)));
      }),
    );
  });

  it("leads from a longer code to every shorter one, and from all of them to one x_0", () => {
    fc.assert(
      fc.property(salt, seed, index, index, (s, x1023, a, b) => {
        const [shorter, longer] = a < b ? [a, b] : [b, a];
        let link = linkAt(s, x1023, longer);
        const zero = walkToZero(s, longer, link);
        for (let i = longer - 1; i >= shorter; i--) link = stepLink(s, i, link);
        expect(link).toEqual(linkAt(s, x1023, shorter));
        expect(walkToZero(s, shorter, link)).toEqual(zero);
      }),
      { numRuns: 25 },
    );
  });

  it("gives another x_0 when the index of a code is claimed to be another", () => {
    fc.assert(
      fc.property(salt, seed, index, index, (s, x1023, real, claimed) => {
        fc.pre(real !== claimed);
        const link = linkAt(s, x1023, real);
        expect(walkToZero(s, claimed, link)).not.toEqual(walkToZero(s, real, link));
      }),
      { numRuns: 50 },
    );
  });

  it("leaves what it was given unchanged", () => {
    const s = randomSalt();
    const x1023 = randomSeed();
    const before = [...s, ...x1023];
    linkAt(s, x1023, 0);
    expect([...s, ...x1023]).toEqual(before);
  });

  it.each([
    ["a salt of 15 bytes", () => walkToZero(new Uint8Array(15), 1, new Uint8Array(9))],
    ["a link of 66 bits", () => walkToZero(new Uint8Array(16), 1, new Uint8Array(9).fill(2))],
    ["an index of 1024", () => walkToZero(new Uint8Array(16), 1024, new Uint8Array(9))],
    ["an index below 0", () => linkAt(new Uint8Array(16), new Uint8Array(9), -1)],
    ["an index that is no number", () => linkAt(new Uint8Array(16), new Uint8Array(9), Number.NaN)],
  ])("throws on %s", (_, call) => {
    expect(call).toThrow(RangeError);
  });
});

describe("randomness", () => {
  it("draws seeds of 65 bits, salts of 16 bytes and short codes of 7 symbols, all bits in use", () => {
    const or = (values: Uint8Array[]) =>
      values.reduce((sum, value) => sum.map((byte, i) => byte | (value[i] ?? 0)));
    const many = <T>(draw: () => T) => Array.from({ length: 200 }, draw);
    expect([...or(many(randomSeed))]).toEqual([1, ...Array(8).fill(255)]);
    expect([...or(many(randomSalt))]).toEqual(Array(16).fill(255));
    expect([...or(many(randomShort))]).toEqual(Array(7).fill(31));
    expect(new Set(many(() => randomSeed().join())).size).toBe(200);
  });
});

describe("hours", () => {
  it("starts a slot at the whole UTC hour that now lies in", () => {
    expect(slotEpochOf(epochPlus(0))).toEqual(epoch);
    expect(slotEpochOf(epochPlus(hour - 1))).toEqual(epoch);
    expect(slotEpochOf(epochPlus(hour))).toEqual(epochPlus(hour));
  });

  it.each([
    [0, 0],
    [1, 1],
    [hour, 1],
    [hour + 1, 2],
    [1023 * hour, 1023],
  ])("rounds an expiry %i ms after the epoch up to index %i", (milliseconds, expiryIndex) => {
    expect(expiryIndexFor(epoch, epochPlus(milliseconds))).toEqual({ ok: true, expiryIndex });
  });

  it("refuses an expiry before the slot and one behind its chain", () => {
    expect(expiryIndexFor(epoch, epochPlus(-1))).toEqual({ ok: false, reason: "before-slot" });
    expect(expiryIndexFor(epoch, epochPlus(1023 * hour + 1))).toEqual({ ok: false, reason: "beyond-chain" });
  });

  it("never lets a code die offline before it dies online, nor an hour later", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1023 * hour }), (milliseconds) => {
        const found = expiryIndexFor(epoch, epochPlus(milliseconds));
        if (!found.ok) throw new Error(found.reason);
        const late = offlineExpiry(epoch, found.expiryIndex).getTime() - epochPlus(milliseconds).getTime();
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThan(hour);
      }),
    );
  });
});

describe("decideExpiry", () => {
  const lifeSecondsMax = 7 * 24 * 3600;
  const farthest = 7 * 24 + 1;

  it("is good until the hour, and passed from the hour on", () => {
    expect(decideExpiry(epoch, 4, epochPlus(4 * hour - 1), lifeSecondsMax)).toEqual({ ok: true });
    expect(decideExpiry(epoch, 4, epochPlus(4 * hour), lifeSecondsMax)).toEqual({
      ok: false,
      reason: "passed",
    });
    expect(decideExpiry(epoch, 0, epochPlus(0), lifeSecondsMax)).toEqual({ ok: false, reason: "passed" });
  });

  it("refuses an hour beyond now, the longest life and one hour", () => {
    expect(decideExpiry(epoch, farthest, epochPlus(0), lifeSecondsMax)).toEqual({ ok: true });
    expect(decideExpiry(epoch, farthest + 1, epochPlus(0), lifeSecondsMax)).toEqual({
      ok: false,
      reason: "too-far",
    });
    expect(decideExpiry(epoch, 1023, epochPlus(0), lifeSecondsMax)).toEqual({ ok: false, reason: "too-far" });
    expect(decideExpiry(epoch, farthest, epochPlus(-1), lifeSecondsMax)).toEqual({
      ok: false,
      reason: "too-far",
    });
  });

  it("never refuses as too far what was issued within the longest life", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 800 * hour }),
        fc.integer({ min: 1, max: lifeSecondsMax * 1000 }),
        (issuedAt, life) => {
          const found = expiryIndexFor(epoch, epochPlus(issuedAt + life));
          if (!found.ok) throw new Error(found.reason);
          expect(decideExpiry(epoch, found.expiryIndex, epochPlus(issuedAt), lifeSecondsMax)).toEqual({
            ok: true,
          });
        },
      ),
    );
  });

  it.each([
    ["a clock that says nothing", () => decideExpiry(epoch, 1, new Date(Number.NaN), lifeSecondsMax)],
    ["an epoch inside an hour", () => decideExpiry(epochPlus(1), 1, epoch, lifeSecondsMax)],
    ["no longest life", () => decideExpiry(epoch, 1, epoch, Number.NaN)],
    ["an endless life", () => decideExpiry(epoch, 1, epoch, Number.POSITIVE_INFINITY)],
    ["an index out of range", () => decideExpiry(epoch, 1024, epoch, lifeSecondsMax)],
  ])("throws on %s, so nothing passes", (_, call) => {
    expect(call).toThrow(RangeError);
  });
});

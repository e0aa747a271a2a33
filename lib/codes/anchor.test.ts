import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import vectors from "./access-code.vectors.json";
import { hashAnchor, hashShort } from "./anchor";
import { anchorParameters, equalAnchors, linkAt, walkToZero } from "./chain";
import { parseCode } from "./format";

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

describe("anchors", () => {
  it.each(vectors.standard)("meets the anchor of $code, in both forms", async (vector) => {
    const salt = fromHex(vector.salt);
    for (const typed of [vector.code, vector.decimal]) {
      const parsed = parseCode(typed);
      if (parsed.kind !== "standard") throw new Error("mistyped");
      const anchor = await hashAnchor(walkToZero(salt, parsed.expiryIndex, parsed.link), salt);
      expect(anchor).toEqual(fromHex(vector.anchor));
      expect(equalAnchors(anchor, fromHex(vector.anchor))).toBe(true);
    }
  });

  it("is the same anchor for every length of code of one slot", async () => {
    const vector = vectors.standard[4]!;
    const [salt, seed] = [fromHex(vector.salt), fromHex(vector.seed)];
    for (const expiryIndex of [0, 1, 500, 1023]) {
      const x0 = walkToZero(salt, expiryIndex, linkAt(salt, seed, expiryIndex));
      expect(equalAnchors(await hashAnchor(x0, salt), fromHex(vector.anchor))).toBe(true);
    }
  });

  it("is another anchor for another salt", async () => {
    const vector = vectors.standard[0]!;
    const anchor = await hashAnchor(fromHex(vector.x0), new Uint8Array(16));
    expect(equalAnchors(anchor, fromHex(vector.anchor))).toBe(false);
  });

  it("keeps to the parameters that the agents of all machines compute with", () => {
    expect(anchorParameters).toEqual({ passes: 2, memoryKibibytes: 19456, lanes: 1, bytes: 32 });
  });
});

describe("short codes", () => {
  it("depend on the symbols, the server key and the salt", async () => {
    const mac = (key: string, symbols: number[]) =>
      createHmac("sha256", key).update(Uint8Array.from(symbols)).digest();
    const salt = new Uint8Array(16);
    const symbols = vectors.short[0]!.symbols;
    const hashes = await Promise.all([
      hashShort(mac("key", symbols), salt),
      hashShort(mac("another key", symbols), salt),
      hashShort(mac("key", vectors.short[1]!.symbols), salt),
      hashShort(
        mac("key", symbols),
        salt.map(() => 1),
      ),
    ]);
    expect(new Set(hashes.map((hash) => hash.join())).size).toBe(4);
    expect(hashes[0]).toEqual(await hashShort(mac("key", symbols), salt));
    expect(hashes[0]).toHaveLength(32);
  });
});

describe("sizes", () => {
  it.each([
    ["a salt of 8 bytes", () => hashAnchor(new Uint8Array(9), new Uint8Array(8))],
    ["an x_0 of 66 bits", () => hashAnchor(new Uint8Array(9).fill(2), new Uint8Array(16))],
    ["bare symbols instead of their HMAC", () => hashShort(new Uint8Array(7), new Uint8Array(16))],
  ])("rejects %s", async (_, hash) => {
    await expect(hash()).rejects.toThrow(RangeError);
  });

  it("never finds anchors of another length equal, not even two empty ones", () => {
    expect(equalAnchors(new Uint8Array(0), new Uint8Array(0))).toBe(false);
    expect(equalAnchors(new Uint8Array(32), new Uint8Array(31))).toBe(false);
    expect(equalAnchors(new Uint8Array(32), new Uint8Array(32))).toBe(true);
  });
});

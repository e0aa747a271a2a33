import { expect, test, vi } from "vitest";
import { testEnvironment } from "@/tools/testing/environment";
import { hashAnchor } from "./anchor";
import { linkAt, walkToZero } from "./chain";
import { forgeSlot, openSeed } from "./slot";

for (const [name, value] of Object.entries(testEnvironment({ DATABASE_URL: "postgres://nowhere/none" })))
  vi.stubEnv(name, value);

const user = "11111111-1111-4111-8111-111111111111";

test("a slot made ahead carries every hour of its chain, and its seed lies sealed (access-code, At rest)", async () => {
  const slot = await forgeSlot(user, new Date("2026-11-23T10:42:00Z"));
  expect(slot.slotEpoch.toISOString()).toBe("2026-11-23T10:00:00.000Z");
  const seed = openSeed(slot, slot.seed);
  const x0 = walkToZero(slot.salt, 24, linkAt(slot.salt, seed, 24));
  expect(await hashAnchor(x0, slot.salt)).toEqual(slot.anchor);
  expect(Buffer.from(slot.seed.cipher).includes(Buffer.from(seed))).toBe(false);
});

test("a seed doesn't open in another slot, for another user, salt or epoch", async () => {
  const slot = await forgeSlot(user, new Date("2026-11-23T10:00:00Z"));
  const other = await forgeSlot(user, new Date("2026-11-23T11:00:00Z"));
  for (const part of ["slotId", "salt", "slotEpoch"] as const)
    expect(() => openSeed({ ...slot, [part]: other[part] }, slot.seed)).toThrow("do not open");
  expect(() => openSeed({ ...slot, userId: other.slotId }, slot.seed)).toThrow("do not open");
});

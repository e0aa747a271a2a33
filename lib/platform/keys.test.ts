import { randomBytes } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { testEnvironment } from "@/tools/testing/environment";
import { forgetConfig } from "./config";
import { currentKeyId, mac, open, seal } from "./keys";

beforeEach(() => {
  Object.assign(process.env, testEnvironment({ DATABASE_URL: "postgres://localhost/x" }));
  delete process.env.SPAREKEY_MASTER_KEY_PREVIOUS;
  forgetConfig();
});

function rotate(): void {
  const previous = process.env.SPAREKEY_MASTER_KEY as string;
  process.env.SPAREKEY_MASTER_KEY = randomBytes(32).toString("base64");
  process.env.SPAREKEY_MASTER_KEY_PREVIOUS = previous;
  forgetConfig();
}

test("what was sealed opens for the same purpose and the same row only", () => {
  const sealed = seal("totp", Buffer.from("secret"), "row 1");
  expect(Buffer.from(open("totp", sealed, "row 1")).toString()).toBe("secret");
  expect(() => open("totp", sealed, "row 2")).toThrow("do not open");
  expect(() => open("slot-seed", sealed, "row 1")).toThrow("do not open");
});

test("a flipped bit anywhere keeps it shut", () => {
  const sealed = seal("totp", Buffer.from("secret"), "row 1");
  for (let at = 0; at < sealed.cipher.length; at += 1) {
    const cipher = Uint8Array.from(sealed.cipher);
    cipher[at] = (cipher[at] ?? 0) ^ 1;
    expect(() => open("totp", { ...sealed, cipher }, "row 1")).toThrow("do not open");
  }
});

test("the same secret sealed twice looks different", () => {
  expect(seal("totp", Buffer.from("secret"), "r").cipher).not.toEqual(
    seal("totp", Buffer.from("secret"), "r").cipher,
  );
});

test("the earlier master key opens and judges what was made under it", () => {
  const sealed = seal("totp", Buffer.from("secret"), "r");
  const keyId = currentKeyId();
  const tag = mac("otp", "123456");
  rotate();
  expect(currentKeyId()).not.toBe(keyId);
  expect(Buffer.from(open("totp", sealed, "r")).toString()).toBe("secret");
  expect(mac("otp", "123456", keyId)).toEqual(tag);
  expect(mac("otp", "123456")).not.toEqual(tag);
});

test("what lies under a key that is not at hand stays shut, and the key is named", () => {
  const sealed = { ...seal("totp", Buffer.from("secret"), "r"), keyId: "feedfeedfeedfeed" };
  expect(() => open("totp", sealed, "r")).toThrow("no master key with id feedfeedfeedfeed");
});

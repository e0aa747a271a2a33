import { sign, verify } from "node:crypto";
import { expect, test } from "vitest";
import { makeKeyPair, makeNobodysKey } from "./key-pair";

test.each([
  ["rsa", { kty: "RSA", e: "AQAB" }],
  ["p256", { kty: "EC", crv: "P-256" }],
  ["ed25519", { kty: "OKP", crv: "Ed25519" }],
] as const)("a pair of %s belongs together, and both halves can be written as JWK", async (kind, jwk) => {
  const { publicKey, privateKey } = await makeKeyPair(kind);
  const message = Buffer.from("a message");
  const hash = kind === "ed25519" ? null : "sha256";
  expect(verify(hash, message, publicKey, sign(hash, message, privateKey))).toBe(true);
  expect(publicKey.export({ format: "jwk" })).toMatchObject(jwk);
  const { d, ...rest } = privateKey.export({ format: "jwk" });
  expect(d).toEqual(expect.any(String));
  expect(rest).toMatchObject(publicKey.export({ format: "jwk" }));
});

test("nobody's key is 32 bytes, and another one each time", () => {
  const [one, other] = [makeNobodysKey(), makeNobodysKey()];
  expect(one).toHaveLength(32);
  expect(one).not.toEqual(other);
});

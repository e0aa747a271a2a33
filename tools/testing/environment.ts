import { generateKeyPairSync, randomBytes } from "node:crypto";

/** An environment that satisfies `parseConfig`, with fresh keys; `overrides` win. For tests only. */
export function testEnvironment(overrides: Record<string, string> = {}): Record<string, string> {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return {
    NODE_ENV: "test",
    BASE_URL: "http://localhost:3000",
    SPAREKEY_MASTER_KEY: randomBytes(32).toString("base64"),
    VONAGE_API_KEY: "abcd1234",
    VONAGE_API_SECRET: "test-secret",
    VONAGE_APPLICATION_ID: "00000000-0000-4000-8000-000000000001",
    VONAGE_PRIVATE_KEY: privateKey,
    SPAREKEY_COMPANY: "Example Corp",
    VONAGE_SIGNATURE_SECRET: "test-signature-secret-of-some-length",
    VONAGE_FROM: "12025550199",
    VONAGE_API_BASE: "http://127.0.0.1:1",
    LOG_LEVEL: "silent",
    ...overrides,
  };
}

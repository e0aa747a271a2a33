import "server-only";
import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import type { GivenPublicKey } from "./input";

/**
 * Why a key isn't taken. `private_key`: it is one, which its owner should have kept. `weak_key`: RSA below 2048 bits, or above 8192.
 * `bad_key`: nothing that RS256 or ES256 could be verified with.
 */
export type PublicKeyRefusal = "bad_key" | "private_key" | "weak_key";

const secretMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/**
 * Reads the public key that somebody brings: a JWK, a JWK set of one key, or PEM (a public key or a certificate), RSA or P-256.
 * @param given text or a JWK, untrusted.
 * @returns the public members alone, and the `kid` where there is one.
 * @see RFC 7517, RFC 7518
 */
export function readPublicKey(
  given: GivenPublicKey,
): Success<{ publicJwk: Record<string, unknown> }> | Refusal<PublicKeyRefusal> {
  try {
    const read = typeof given === "string" ? parse(given.trim()) : given;
    if (typeof read === "string")
      return read.includes("PRIVATE KEY") ? refuse("private_key") : judge(createPublicKey(read), undefined);
    if (secretMembers.some((member) => member in read)) return refuse("private_key");
    return judge(createPublicKey({ key: read as JsonWebKey, format: "jwk" }), read.kid);
  } catch {
    return refuse("bad_key");
  }
}

/** PEM as it is; of JSON the one key. */
function parse(text: string): string | Record<string, unknown> {
  if (!text.startsWith("{")) return text;
  const json = JSON.parse(text) as Record<string, unknown>;
  if (!Array.isArray(json.keys)) return json;
  const [only, ...others] = json.keys as Record<string, unknown>[];
  if (only === undefined || others.length > 0) throw new Error("not one key");
  return only;
}

function judge(
  key: KeyObject,
  kid: unknown,
): Success<{ publicJwk: Record<string, unknown> }> | Refusal<PublicKeyRefusal> {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa" && (modulusLength < 2048 || modulusLength > 8192))
    return refuse("weak_key");
  if (key.asymmetricKeyType !== "rsa" && namedCurve !== "prime256v1") return refuse("bad_key");
  const isNamed = typeof kid === "string" && kid.length <= 200 && !kid.includes("\0");
  return { ok: true, publicJwk: { ...key.export({ format: "jwk" }), ...(isNamed ? { kid } : {}) } };
}

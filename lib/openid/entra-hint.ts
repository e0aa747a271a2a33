import "server-only";
import { decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import type { EntraTenant } from "@/lib/clients/model";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { readEntraMetadata } from "./entra-adapter";
import type { EntraHint } from "./model";

const hintLengthMax = 16_384;

/** A hint is signed as over or almost so; Entra gives its own request up after this long. */
const hintSecondsMax = 600;
const clockSkewSeconds = 60;

/** Why what calls itself Entra's word isn't. */
export type EntraHintRefusal =
  | "malformed"
  | "signature"
  | "claims"
  | "expired"
  | "not_yet"
  | "tenant"
  | "unreachable";

const text = z.string().min(1).max(500);
const claims = z.object({
  sub: text,
  oid: text,
  tid: text,
  preferred_username: z.string().max(500).default(""),
  iat: z.number(),
  exp: z.number(),
});

/** What a verified hint says. */
export function toEntraHint(token: string): EntraHint {
  const { sub, oid, preferred_username } = claims.parse(decodeJwt(token));
  return { sub, oid, preferredUsername: preferred_username };
}

/**
 * Verifies the word by which Microsoft Entra says whom it asks about: RS256 by a key that the tenant publishes, for the application that
 * stands for us, of this tenant, signed in the last ten minutes.
 *
 * @param tenant as the client's owner named it. @param token the `id_token_hint`, untrusted.
 * Refuses `malformed` (no JWT, or without a claim that it needs), `signature` (another key or algorithm, or none), `claims` (another
 *   issuer or audience), `expired`, `not_yet`, `tenant`; `unreachable` where Entra's keys can't be had.
 * @see Microsoft Entra, external authentication method provider reference
 */
export async function verifyEntraHint(
  tenant: EntraTenant,
  token: string,
  now: Date,
): Promise<Success<{ payload: JWTPayload }> | Refusal<EntraHintRefusal>> {
  if (token.length > hintLengthMax) return refuse("malformed");
  const metadata = await readEntraMetadata(tenant).catch(() => undefined);
  if (metadata === undefined) return refuse("unreachable");
  try {
    const { payload } = await jwtVerify(token, metadata.keys, {
      algorithms: ["RS256"],
      issuer: metadata.issuer,
      audience: tenant.appId,
      clockTolerance: hintSecondsMax,
      currentDate: now,
    });
    return judge(tenant, payload, now.getTime() / 1000);
  } catch (error) {
    return refuse(toRefusal(error));
  }
}

function judge(
  tenant: EntraTenant,
  payload: JWTPayload,
  now: number,
): Success<{ payload: JWTPayload }> | Refusal<EntraHintRefusal> {
  const read = claims.safeParse(payload);
  if (!read.success) return refuse("malformed");
  const { tid, iat } = read.data;
  if (tid.toLowerCase() !== tenant.tenantId) return refuse("tenant");
  if (iat > now + clockSkewSeconds || (payload.nbf ?? iat) > now + clockSkewSeconds) return refuse("not_yet");
  return iat < now - hintSecondsMax ? refuse("expired") : { ok: true, payload };
}

function toRefusal(error: unknown): EntraHintRefusal {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return "claims";
  if (error instanceof errors.JWKSTimeout) return "unreachable";
  if (
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JWKSNoMatchingKey
  )
    return "signature";
  if (error instanceof errors.JOSEError) return "malformed";
  return "unreachable";
}

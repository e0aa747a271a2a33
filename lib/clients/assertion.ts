import "server-only";
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { getConfig } from "@/lib/platform/config";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { findLiveClient } from "./cache";
import { assertionSecondsMax, clockSkewSeconds, oauthIssuer } from "./model";
import { algorithmOf, publicKeyOf } from "./public-key";
import type { LiveClient } from "./store";

const assertionLengthMax = 8192;
const idLengthMax = 200;

/** Why an assertion proves nothing. */
export type AssertionRefusal =
  | "malformed"
  | "issuer"
  | "unknown_client"
  | "algorithm"
  | "signature"
  | "audience"
  | "expired"
  | "not_yet"
  | "too_long";

/** Who signed an assertion, and the id under which it is good once. */
export interface ProvenAssertion {
  client: LiveClient;
  /** The client id. */
  accessId: string;
  jti: string;
  /** Its end, in seconds since 1970. */
  exp: number;
}

/**
 * Verifies a client's assertion, but not that it is the first of its `jti`.
 *
 * RS256 for an RSA key, ES256 for one on P-256, and nothing else; `iss` and `sub` are the client id; `aud` is the token endpoint
 * or the issuer and nobody besides; `exp` at most an hour ahead, over by 60 s at most; `iat` and `nbf`, where given, at most 60 s
 * ahead; `jti` is there.
 *
 * @param claimedId the `client_id` of the request, where it has one.
 * @returns refusals: `malformed` (no JWT, or without a claim that it needs), `issuer` (`iss`, `sub` and `client_id` differ),
 *   `unknown_client` (never made, or ended; with the client id in question), `algorithm`, `signature`, `audience`, `expired`,
 *   `not_yet`, `too_long`; with the client's row where there is one.
 * @see RFC 7523, 3; rest, 1 "Who calls"
 */
export async function verifyAssertion(
  token: string,
  claimedId: string | undefined,
  now: Date,
): Promise<Success<ProvenAssertion> | Refusal<AssertionRefusal, { client?: LiveClient }>> {
  const claim = readClaim(token, claimedId);
  if (!claim.ok) return claim;
  const client = await findLiveClient({ kind: "oauth", accessId: claim.clientId });
  if (client === undefined) return refuse("unknown_client");
  if (claim.algorithm !== algorithmOf(client)) return refuse("algorithm", { client });
  const judged = await judge(client, token, now);
  return judged.ok ? { ...judged, client, accessId: claim.clientId } : { ...judged, client };
}

const isId = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= idLengthMax && !value.includes("\0");

function readClaim(
  token: string,
  claimedId: string | undefined,
): Success<{ clientId: string; algorithm: string }> | Refusal<"malformed" | "issuer"> {
  if (token.length > assertionLengthMax) return refuse("malformed");
  try {
    const { alg } = decodeProtectedHeader(token);
    const { iss, sub } = decodeJwt(token);
    if (!isId(sub) || typeof alg !== "string") return refuse("malformed");
    if (iss !== sub || (claimedId !== undefined && claimedId !== sub)) return refuse("issuer");
    return { ok: true, clientId: sub, algorithm: alg };
  } catch {
    return refuse("malformed");
  }
}

async function judge(
  client: LiveClient,
  token: string,
  now: Date,
): Promise<Success<{ jti: string; exp: number }> | Refusal<AssertionRefusal>> {
  try {
    const { payload } = await jwtVerify(token, await publicKeyOf(client), {
      algorithms: [algorithmOf(client)],
      clockTolerance: clockSkewSeconds,
      currentDate: now,
    });
    return judgeClaims(payload, now);
  } catch (error) {
    if (error instanceof errors.JWTExpired) return refuse("expired");
    if (error instanceof errors.JWTClaimValidationFailed)
      return refuse(error.reason === "invalid" ? "malformed" : "not_yet");
    if (error instanceof errors.JOSEError) return refuse("signature");
    throw error;
  }
}

function judgeClaims(
  { aud, exp, iat, jti }: JWTPayload,
  now: Date,
): Success<{ jti: string; exp: number }> | Refusal<AssertionRefusal> {
  const nowSeconds = now.getTime() / 1000;
  if (typeof exp !== "number" || !Number.isFinite(exp) || !isId(jti)) return refuse("malformed");
  const [audience, ...others] = Array.isArray(aud) ? aud : [aud];
  if (others.length > 0 || typeof audience !== "string" || !audiences().includes(audience))
    return refuse("audience");
  if (iat !== undefined && iat > nowSeconds + clockSkewSeconds) return refuse("not_yet");
  if (exp > nowSeconds + assertionSecondsMax + clockSkewSeconds) return refuse("too_long");
  return { ok: true, jti, exp };
}

function audiences(): string[] {
  const issuer = oauthIssuer(getConfig().BASE_URL);
  return [issuer, `${issuer}/`, `${issuer}/token`, `${issuer}/token/`];
}

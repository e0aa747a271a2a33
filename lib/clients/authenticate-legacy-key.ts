import "server-only";
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { findLiveClient } from "./cache";
import {
  type AuthenticatedClient,
  adminRestApiUrl,
  clockSkewSeconds,
  issuedAheadSecondsMax,
  legacyTokenSecondsMax,
} from "./model";
import { publicKeyOf } from "./public-key";
import { recordRefusedClient } from "./refused";
import type { LiveClient } from "./store";

const tokenLengthMax = 8192;

/** Why a token opens nothing. */
export type LegacyKeyRefusal =
  | "missing"
  | "malformed"
  | "algorithm"
  | "unknown_key"
  | "signature"
  | "audience"
  | "expired"
  | "not_yet"
  | "too_long";

/** Who a token belongs to, or why it opens nothing. The door answers all refusals alike. */
export type LegacyKeyResult = Success<{ client: AuthenticatedClient }> | Refusal<LegacyKeyRefusal>;

/**
 * Verifies a token that a caller signed with its legacy key.
 *
 * RS256 and nothing else. `sub` names the key, `aud` is the `adminRestApiUrl` of the key file or our base URL, with or
 * without a slash at the end; `exp` is over by 60 s at most, `iat` at most an hour ahead, and `exp` at most an hour after `iat`.
 *
 * @param origin where the call came from; its actor is nobody yet.
 * @param token what stood after `Bearer`, untrusted.
 * @param now the time to judge by; the process's clock where not given.
 * Refuses `missing`; `malformed` (no JWT, or without `sub`, `iat`, `exp`); `algorithm`; `unknown_key` (never made, or
 *   ended); `signature`; `audience`; `expired`; `not_yet`; `too_long`.
 * Records `client.refused` for a refusal.
 * @see rest, 1 "Who calls"
 */
export async function authenticateLegacyKey(
  origin: Context,
  token: string | undefined,
  now: Date = new Date(),
): Promise<LegacyKeyResult> {
  const claim = readClaim(token);
  if (!claim.ok) return recordRefusedClient(origin, "legacy_key", claim);
  const client = await findLiveClient({ kind: "legacy_key", accessId: claim.accessId });
  if (client === undefined) return recordRefusedClient(origin, "legacy_key", refuse("unknown_key"));
  const verdict = await judge(client, claim.token, now);
  return verdict === undefined
    ? { ok: true, client }
    : recordRefusedClient(origin, "legacy_key", refuse(verdict), client.id);
}

function readClaim(
  token: string | undefined,
): Success<{ token: string; accessId: string }> | Refusal<LegacyKeyRefusal> {
  if (token === undefined || token === "") return refuse("missing");
  if (token.length > tokenLengthMax) return refuse("malformed");
  try {
    const { alg } = decodeProtectedHeader(token);
    const { sub, iat, exp } = decodeJwt(token);
    if (alg !== "RS256") return refuse("algorithm");
    if (typeof sub !== "string" || sub.length > 200 || sub.includes("\0")) return refuse("malformed");
    if (typeof iat !== "number" || typeof exp !== "number") return refuse("malformed");
    return { ok: true, token, accessId: sub };
  } catch {
    return refuse("malformed");
  }
}

async function judge(client: LiveClient, token: string, now: Date): Promise<LegacyKeyRefusal | undefined> {
  try {
    const { payload } = await jwtVerify(token, await publicKeyOf(client), {
      algorithms: ["RS256"],
      audience: audiences(),
      clockTolerance: clockSkewSeconds,
      currentDate: now,
    });
    return judgeTimes(payload, now);
  } catch (error) {
    if (error instanceof errors.JWTExpired) return "expired";
    if (error instanceof errors.JWTClaimValidationFailed)
      return error.claim === "aud" ? "audience" : "not_yet";
    if (error instanceof errors.JOSEError) return "signature";
    throw error;
  }
}

function judgeTimes(
  { iat = Number.NaN, exp = Number.NaN }: JWTPayload,
  now: Date,
): LegacyKeyRefusal | undefined {
  if (!(iat <= now.getTime() / 1000 + issuedAheadSecondsMax)) return "not_yet";
  return exp - iat <= legacyTokenSecondsMax ? undefined : "too_long";
}

function audiences(): string[] {
  const base = getConfig().BASE_URL;
  const address = adminRestApiUrl(base);
  return [address, `${address}/`, base, `${base}/`];
}

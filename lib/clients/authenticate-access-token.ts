import "server-only";
import { decodeProtectedHeader, errors } from "jose";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import type { OauthScope } from "@/lib/staff/scopes";
import { accessTokenType, verifyAccessToken } from "./access-token";
import { findLiveClient } from "./cache";
import type { AuthenticatedClient } from "./model";
import { thumbprintOf } from "./public-key";
import { recordRefusedClient } from "./refused";

const tokenLengthMax = 4096;

/** Why an access token opens nothing. */
export type AccessTokenRefusal =
  | "malformed"
  | "signature"
  | "claims"
  | "expired"
  | "unknown_client"
  | "key_replaced"
  | "scope";

/** Whose access token it is, with what both it and the client allow; or why it opens nothing. The door answers all refusals alike. */
export type AccessTokenResult = Success<{ client: AuthenticatedClient }> | Refusal<AccessTokenRefusal>;

/** Whether what a caller brought says of itself that it is an access token of ours; nothing is verified. */
export function isAccessToken(token: string | undefined): token is string {
  if (token === undefined || token.length > tokenLengthMax) return false;
  try {
    return decodeProtectedHeader(token).typ === accessTokenType;
  } catch {
    return false;
  }
}

/**
 * Verifies an access token that `issueAccessToken` signed.
 *
 * Who forges one costs us a hash, and no question to the database. It opens nothing from when its client ends or gets another key:
 * in the process that did it at once, in others within `clientCacheSeconds`; and never more than the client is allowed now.
 *
 * @param origin where the call came from; its actor is nobody yet.
 * @param needed a scope without which the door isn't opened; where none is named the verbs judge.
 * Refuses `malformed`, `signature`, `claims` (another issuer, audience or type, or from the future), `expired`, `unknown_client`
 *   (never made, or ended), `key_replaced`, `scope`.
 * Records `client.refused` for a refusal.
 * @see rest, 1 "Who calls"
 */
export async function authenticateAccessToken(
  origin: Context,
  token: string,
  { needed }: { needed?: OauthScope } = {},
): Promise<AccessTokenResult> {
  const refused = (reason: AccessTokenRefusal, clientId?: string) =>
    recordRefusedClient(origin, "oauth", refuse(reason), clientId);
  if (token.length > tokenLengthMax) return refused("malformed");
  const claims = await verifyAccessToken(token, new Date()).catch(toRefusal);
  if (typeof claims === "string") return refused(claims);
  const client = await findLiveClient({ kind: "oauth", accessId: claims.sub });
  if (client === undefined) return refused("unknown_client");
  if (claims.key !== (await thumbprintOf(client))) return refused("key_replaced", client.id);
  const scopes = claims.scopes.filter((scope) => client.scopes.includes(scope));
  if (needed !== undefined && !scopes.includes(needed)) return refused("scope", client.id);
  return { ok: true, client: { ...client, scopes } };
}

function toRefusal(error: unknown): AccessTokenRefusal {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed) return "claims";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
  if (error instanceof errors.JOSEError) return "malformed";
  throw error;
}

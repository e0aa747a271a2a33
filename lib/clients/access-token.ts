import "server-only";
import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { errors, type JWTHeaderParameters, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { getConfig } from "@/lib/platform/config";
import { currentKeyId, listKeyIds, mac } from "@/lib/platform/keys";
import { isOauthScope, type OauthScope } from "@/lib/staff/scopes";
import { accessTokenSeconds, oauthIssuer } from "./model";

/** `typ` of an access token (RFC 9068), by which a door knows it from what a legacy key signed. */
export const accessTokenType = "at+jwt";

const secrets = new Map<string, Uint8Array>();

function secretOf(keyId: string): Uint8Array {
  const known = secrets.get(keyId);
  if (known !== undefined) return known;
  const secret = mac("access-token", "sign", keyId);
  secrets.set(keyId, secret);
  return secret;
}

/** Whether the last part of a token is our signature (HS256) of what stands before it: one hash. */
function isSignedBy(token: string, secret: Uint8Array): boolean {
  const dot = token.lastIndexOf(".");
  const signature = Buffer.from(token.slice(dot + 1), "base64url");
  const ours = createHmac("sha256", secret).update(token.slice(0, dot)).digest();
  return signature.length === ours.length && timingSafeEqual(signature, ours);
}

/** What an access token says. */
export interface AccessTokenClaims {
  /** The client id. */
  sub: string;
  scopes: readonly OauthScope[];
  /** The thumbprint of the key that the client proved itself by. */
  key: string;
}

/**
 * Signs an access token, good for `accessTokenSeconds`: a JWT, HS256 by a key that derives from the master key, read by nobody but us.
 * @returns what opens the doors; it is stored nowhere.
 */
export function signAccessToken({ sub, scopes, key }: AccessTokenClaims, now: Date): Promise<string> {
  const keyId = currentKeyId();
  const seconds = Math.floor(now.getTime() / 1000);
  return new SignJWT({ client_id: sub, scope: scopes.join(" "), key })
    .setProtectedHeader({ alg: "HS256", typ: accessTokenType, kid: keyId })
    .setSubject(sub)
    .setIssuer(oauthIssuer(getConfig().BASE_URL))
    .setAudience(getConfig().BASE_URL)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + accessTokenSeconds)
    .setJti(randomUUID())
    .sign(secretOf(keyId));
}

const claims = z.object({
  sub: z.string(),
  scope: z.string(),
  key: z.string(),
  iat: z.number(),
  exp: z.number(),
});

/**
 * Verifies that we signed an access token, under the master key in force or the one before, for ourselves, and when. Of one that
 * is forged nothing but its signature is looked at, so that a flood of them costs little.
 * @throws {errors.JOSEError} of jose, where it is none of ours, over, or from the future; `ZodError` never for one of ours.
 */
export async function verifyAccessToken(token: string, now: Date): Promise<AccessTokenClaims> {
  const keyOf = ({ kid }: JWTHeaderParameters) => {
    const secret = secretOf(listKeyIds().find((id) => id === kid) ?? currentKeyId());
    if (!isSignedBy(token, secret)) throw new errors.JWSSignatureVerificationFailed();
    return secret;
  };
  const { payload } = await jwtVerify(token, keyOf, {
    algorithms: ["HS256"],
    typ: accessTokenType,
    issuer: oauthIssuer(getConfig().BASE_URL),
    audience: getConfig().BASE_URL,
    requiredClaims: ["iat", "exp"],
    maxTokenAge: accessTokenSeconds,
    clockTolerance: 5,
    currentDate: now,
  });
  const { sub, scope, key } = claims.parse(payload);
  return { sub, scopes: scope.split(" ").filter(isOauthScope), key };
}

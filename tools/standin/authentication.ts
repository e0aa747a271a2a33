import { createHash, timingSafeEqual } from "node:crypto";
import { errors, importSPKI, jwtVerify } from "jose";
import { type Problem, tokenExpired, unauthorized } from "./problems";

/** What the provider knows of its customer. */
export type Account = {
  apiKey: string;
  apiSecret: string;
  applicationId: string;
  /** The application's public key, PEM (SPKI). */
  publicKey: string;
  /** With it the webhooks are signed. */
  signatureSecret: string;
};

const dayInSeconds = 24 * 60 * 60;

/**
 * Judges the `Authorization` header of a request.
 *
 * A bearer token is a JWT by RS256 of the application's key, with `application_id`, `jti`, `iat` and `exp`, neither
 * expired, nor of the future, nor made for more than a day. Key and secret go by Basic, where `basic` says that the
 * interface takes them.
 *
 * @returns undefined if all is well, else the answer to give
 */
export async function refuseStranger(
  header: string | undefined,
  account: Account,
  accepts: { basic: boolean },
): Promise<Problem | undefined> {
  const [scheme, value] = header?.split(" ") ?? [];
  if (!value) return unauthorized();
  if (/^basic$/i.test(scheme ?? "")) {
    const isKnown = isSame(Buffer.from(value, "base64").toString(), `${account.apiKey}:${account.apiSecret}`);
    return accepts.basic && isKnown ? undefined : unauthorized();
  }
  if (!/^bearer$/i.test(scheme ?? "")) return unauthorized();
  try {
    const { payload } = await jwtVerify(value, await importSPKI(account.publicKey, "RS256"), {
      algorithms: ["RS256"],
      requiredClaims: ["application_id", "jti", "iat", "exp"],
      maxTokenAge: dayInSeconds,
      clockTolerance: 30,
    });
    const lifeSeconds = (payload.exp ?? 0) - (payload.iat ?? 0);
    const isOurs = payload.application_id === account.applicationId && typeof payload.jti === "string";
    return isOurs && payload.jti && lifeSeconds <= dayInSeconds ? undefined : unauthorized();
  } catch (error) {
    return error instanceof errors.JWTExpired ? tokenExpired() : unauthorized();
  }
}

function isSame(left: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

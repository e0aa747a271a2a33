/** What an OpenID provider says of who signed in there. */
export interface OidcClaims {
  issuer: string;
  subject: string;
  email: string | null;
  emailVerified: boolean;
  /** How they authenticated there (RFC 8176). */
  amr: readonly string[];
  acr: string | null;
  /** How long ago that was (`auth_time`); null: it does not say. */
  authAgeSeconds: number | null;
}

/** Methods of RFC 8176 that are several factors, or a key in hardware that phishing does not get past. */
const strongMethods: readonly string[] = ["mfa", "otp", "hwk", "sc", "fpt", "face", "iris", "pop"];

/** OpenID Connect Extended Authentication Profile: phishing-resistant, and the same in hardware. */
const strongContexts: readonly string[] = ["phr", "phrh"];

/**
 * Whether the provider vouches for a second factor (or a phishing-resistant one), and says when it was shown.
 * Without `auth_time` it does not count: its age could not be judged.
 */
export function provesSecondFactor(claims: Pick<OidcClaims, "amr" | "acr" | "authAgeSeconds">): boolean {
  if (claims.authAgeSeconds === null) return false;
  return (
    claims.amr.some((method) => strongMethods.includes(method)) || strongContexts.includes(claims.acr ?? "")
  );
}

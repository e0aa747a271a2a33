import "server-only";
import { decodeJwt } from "jose";
import { headers as requestHeaders } from "next/headers";
import NextAuth, { AuthError, type NextAuthConfig, type User } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { getConfig, isSecure } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { getLog } from "@/lib/platform/log";
import { SESSION_SECONDS_MAX } from "./model";
import { acceptOidc } from "./oidc";
import type { OidcClaims } from "./oidc-model";
import { openSession } from "./open-session";
import { toRequestContext } from "./request";
import { cookieName, findSessionToken, listCookieSecrets, type SessionClaims } from "./session-cookie";

/** What next-auth takes for a user between a proof and the cookie. */
type Entered = User & SessionClaims;

const OIDC = "oidc";

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

/** The claims by which staff are recognised: those of the user info, and from the ID token how and when they authenticated. */
function toOidcClaims(profile: Record<string, unknown>, idToken: string | undefined, now: Date): OidcClaims {
  const token: Record<string, unknown> = idToken === undefined ? {} : decodeJwt(idToken);
  const { amr, auth_time: authTime } = token;
  return {
    issuer: text(token.iss) ?? "",
    subject: text(token.sub) ?? "",
    email: text(profile.email) ?? text(token.email),
    emailVerified: (profile.email === undefined ? token.email_verified : profile.email_verified) === true,
    amr: Array.isArray(amr) ? amr.filter((method) => typeof method === "string") : [],
    acr: text(token.acr),
    authAgeSeconds:
      typeof authTime === "number" ? Math.max(0, Math.floor(now.getTime() / 1000) - authTime) : null,
  };
}

function buildConfig(headers: Headers): NextAuthConfig {
  const { BASE_URL, OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME } = getConfig();
  process.env.AUTH_URL = BASE_URL;
  const ctx: Context = { actor: { kind: "user" }, ...toRequestContext(headers) };
  const open = async (token: string) =>
    openSession(ctx, { token, previous: await findSessionToken(headers) });
  const secure = isSecure();
  return {
    secret: listCookieSecrets(),
    trustHost: true,
    basePath: "/api/auth",
    useSecureCookies: secure,
    session: { strategy: "jwt", maxAge: SESSION_SECONDS_MAX },
    pages: { signIn: "/signin", error: "/signin" },
    cookies: {
      sessionToken: {
        name: cookieName(),
        options: { httpOnly: true, sameSite: "lax", path: "/", secure },
      },
    },
    logger: {
      error: (error) =>
        getLog().warn({ requestId: ctx.requestId, name: error.name }, "sign-in did not complete"),
      warn: () => undefined,
      debug: () => undefined,
    },
    providers: [
      Credentials({
        id: "staff",
        credentials: { token: {} },
        authorize: async ({ token }): Promise<Entered | null> => {
          const session = await open(String(token));
          return session === undefined ? null : { id: session.staffId, session: session.token };
        },
      }),
      ...(OIDC_ISSUER === undefined
        ? []
        : [
            {
              id: OIDC,
              name: OIDC_NAME,
              type: "oidc" as const,
              issuer: OIDC_ISSUER,
              clientId: OIDC_CLIENT_ID ?? "",
              clientSecret: OIDC_CLIENT_SECRET ?? "",
              idToken: false,
              checks: ["pkce" as const, "state" as const, "nonce" as const],
              // Asking for an age makes the provider say when its user authenticated (OpenID Connect Core, 3.1.2.1).
              authorization: { params: { scope: "openid email profile", max_age: SESSION_SECONDS_MAX } },
            },
          ]),
    ],
    callbacks: {
      signIn: async ({ user, account, profile }) => {
        if (account?.provider !== OIDC) return true;
        const accepted = await acceptOidc(ctx, toOidcClaims(profile ?? {}, account.id_token, new Date()));
        const session = accepted.ok ? await open(accepted.token) : undefined;
        if (session === undefined) return "/signin?refused=oidc";
        (user as Entered).session = session.token;
        return true;
      },
      jwt: ({ token, user }) => (user === undefined ? token : { session: (user as Entered).session }),
      session: ({ session }) => ({ expires: session.expires }),
    },
  };
}

const auth = NextAuth(async (request) => buildConfig(request?.headers ?? (await requestHeaders())));

/** Answers what next-auth itself must answer over HTTP: the way back from the OpenID provider. */
export const authHandlers = auth.handlers;

/**
 * Turns a one-time token, the end of every proof of ours, into a session and its cookie. In a server action only.
 * @returns false where the token no longer opens one.
 */
export async function enter(token: string): Promise<boolean> {
  try {
    await auth.signIn("staff", { token, redirect: false, redirectTo: "/" });
    return true;
  } catch (error) {
    if (error instanceof AuthError) return false;
    throw error;
  }
}

/** Takes the cookie from the browser; the session is ended by `signOut`. In a server action only. */
export async function dropCookie(): Promise<void> {
  await auth.signOut({ redirect: false, redirectTo: "/signin" });
}

/**
 * Begins a sign-in at the OpenID provider. In a server action only.
 * @param options.fresh has its user authenticate there anew, for a step-up.
 * @returns where to send the browser; undefined where none is configured, or it can't be reached.
 */
export async function beginOidc({
  returnTo,
  fresh,
}: {
  returnTo: string;
  fresh: boolean;
}): Promise<string | undefined> {
  if (getConfig().OIDC_ISSUER === undefined) return undefined;
  try {
    const url: unknown = await auth.signIn(
      OIDC,
      { redirect: false, redirectTo: returnTo },
      fresh ? { prompt: "login" } : {},
    );
    return typeof url === "string" && !url.startsWith(`${getConfig().BASE_URL}/`) ? url : undefined;
  } catch (error) {
    getLog().warn({ err: error }, "the OpenID provider can't be asked");
    return undefined;
  }
}

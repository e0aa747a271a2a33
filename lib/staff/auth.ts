import "server-only";
import NextAuth, { type NextAuthConfig } from "next-auth";
import { getToken, type JWT } from "next-auth/jwt";
import Credentials from "next-auth/providers/credentials";
import { getConfig } from "@/lib/platform/config";
import { listKeyIds, mac } from "@/lib/platform/keys";
import { getLog } from "@/lib/platform/log";
import { SESSION_SECONDS_MAX } from "./model";

/** What the cookie carries, sealed: the token whose digest names a `staff_session` row. */
interface SessionClaims {
  session?: string;
}

function isSecure(): boolean {
  return getConfig().BASE_URL.startsWith("https:");
}

function cookieName(): string {
  return isSecure() ? "__Host-sparekey-session" : "sparekey-session";
}

function secrets(): string[] {
  return listKeyIds().map((keyId) => Buffer.from(mac("session", "next-auth", keyId)).toString("base64url"));
}

function buildConfig(): NextAuthConfig {
  process.env.AUTH_URL = getConfig().BASE_URL;
  return {
    secret: secrets(),
    trustHost: true,
    basePath: "/api/auth",
    useSecureCookies: isSecure(),
    session: { strategy: "jwt", maxAge: SESSION_SECONDS_MAX },
    pages: { signIn: "/signin", error: "/signin" },
    cookies: {
      sessionToken: {
        name: cookieName(),
        options: { httpOnly: true, sameSite: "lax", path: "/", secure: isSecure() },
      },
    },
    logger: {
      error: (error) => getLog().warn({ err: { name: error.name } }, "sign-in did not complete"),
      warn: () => undefined,
      debug: () => undefined,
    },
    providers: [
      Credentials({
        id: "staff",
        credentials: { token: {} },
        authorize: () => null,
      }),
    ],
    callbacks: {
      jwt: ({ token }) => token,
      session: ({ session }) => ({ expires: session.expires }),
    },
  };
}

const auth = NextAuth(() => buildConfig());

/** Answers what next-auth itself must answer over HTTP. */
export const authHandlers = auth.handlers;

/** The session token out of the cookie in `headers`; undefined where there is none, or one that we did not seal. */
export async function findSessionToken(headers: Headers): Promise<string | undefined> {
  const claims: (JWT & SessionClaims) | null = await getToken({
    req: { headers: new Headers({ cookie: headers.get("cookie") ?? "" }) },
    secret: secrets(),
    secureCookie: isSecure(),
    cookieName: cookieName(),
    logger: { error: () => undefined, warn: () => undefined, debug: () => undefined },
  });
  return claims?.session;
}

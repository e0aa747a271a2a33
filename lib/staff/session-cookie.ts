import "server-only";
import { LRUCache } from "lru-cache";
import { getToken, type JWT } from "next-auth/jwt";
import { isSecure } from "@/lib/platform/config";
import { digest, listKeyIds, mac } from "@/lib/platform/keys";
import { processWide } from "@/lib/platform/process-wide";
import { SESSION_SECONDS_MAX } from "./model";

/** What the cookie carries, sealed: the token whose digest names a `staff_session` row. */
export interface SessionClaims {
  session?: string;
}

/** The name of the cookie that carries a session. */
export function cookieName(): string {
  return isSecure() ? "__Host-sparekey-session" : "sparekey-session";
}

/** Which master key sealed a cookie is told by the cookie; all at hand may open it, the one in force seals. */
export function listCookieSecrets(): string[] {
  return listKeyIds().map((keyId) => Buffer.from(mac("session", "next-auth", keyId)).toString("base64url"));
}

const keptMax = 1000;

/** What sealed cookies held, by the digest of the header that brought them; only cookies that we sealed get in. */
const opened = processWide(
  "session cookies",
  () => new LRUCache<string, string>({ max: keptMax, ttl: SESSION_SECONDS_MAX * 1000 }),
);

/**
 * The session token out of the cookie in `headers`; undefined where there is none, or one that we did not seal.
 * Opening a cookie says nothing of the session: its row does, and is asked each time. So what was opened once is kept.
 */
export async function findSessionToken(headers: Pick<Headers, "get">): Promise<string | undefined> {
  const cookie = headers.get("cookie");
  if (cookie === null) return undefined;
  const key = Buffer.from(digest(cookie)).toString("base64url");
  const known = opened.get(key);
  if (known !== undefined) return known;
  const token = await openCookie(cookie);
  if (token !== undefined) opened.set(key, token);
  return token;
}

async function openCookie(cookie: string): Promise<string | undefined> {
  const claims: (JWT & SessionClaims) | null = await getToken({
    req: { headers: new Headers({ cookie }) },
    secret: listCookieSecrets(),
    secureCookie: isSecure(),
    cookieName: cookieName(),
    logger: { error: () => undefined, warn: () => undefined, debug: () => undefined },
  });
  return typeof claims?.session === "string" ? claims.session : undefined;
}

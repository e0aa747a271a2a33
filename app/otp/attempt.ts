import "server-only";
import { cookies } from "next/headers";
import { cache } from "react";
import { attemptCookieName, isAttemptId, isAttemptSecret } from "@/lib/authn/browser";
import { type AttemptView, readAttempt } from "@/lib/authn/read";
import { getConfig, isSecure } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { publicRequestContext } from "@/lib/staff/session";

/** How long the browser keeps the secret of an attempt: longer than that lives, so that it can be begun again with the name that was typed. */
const secretSeconds = 3600;

const cookieName = (attemptId: string) => attemptCookieName(attemptId, getConfig().BASE_URL);

/** What ties an attempt to this browser; undefined where the id is none, or the browser has no secret for it. */
export async function findHolder(
  attemptId: string,
): Promise<{ kind: "browser"; secret: string } | undefined> {
  if (!isAttemptId(attemptId)) return undefined;
  const secret = (await cookies()).get(cookieName(attemptId))?.value;
  return isAttemptSecret(secret) ? { kind: "browser", secret } : undefined;
}

/** Gives this browser the secret of an attempt that it began: to no script, to no other site (ASVS V3.3). */
export async function keepSecret(attemptId: string, secret: string): Promise<void> {
  (await cookies()).set(cookieName(attemptId), secret, {
    httpOnly: true,
    secure: isSecure(),
    sameSite: "lax",
    path: "/",
    maxAge: secretSeconds,
  });
}

/** Forgets the secret of an attempt that is of no more use. */
export async function dropSecret(attemptId: string): Promise<void> {
  if (!isAttemptId(attemptId)) return;
  (await cookies()).set(cookieName(attemptId), "", {
    httpOnly: true,
    secure: isSecure(),
    sameSite: "lax",
    path: "/",
    maxAge: 0,
  });
}

/** Reads the attempt of this browser; undefined where it has none of that id. */
export async function findAttempt(ctx: Context, attemptId: string): Promise<AttemptView | undefined> {
  const holder = await findHolder(attemptId);
  return holder && readAttempt(ctx, { attemptId, holder });
}

/** The attempt that a page is about, read once for all of the page. */
export const getPageAttempt = cache(async (attemptId: string) =>
  findAttempt(await publicRequestContext(), attemptId),
);

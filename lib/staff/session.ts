import "server-only";
import { headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { cache } from "react";
import type { Context } from "@/lib/platform/context";
import { Denied } from "@/lib/platform/outcome";
import { findSessionOf, type StaffContext, toStaffContext } from "./live-session";
import type { Permission } from "./model";
import { toRequestContext } from "./request";
import { requirePermission } from "./require-permission";
import { toReturnPath } from "./return-path";
import { findSessionToken } from "./session-cookie";
import type { LiveSession } from "./session-store";

const getRequest = cache(async () => toRequestContext(await headers()));

/** The context of a request by whom nobody is proven: the public pages, and sign-in itself. */
export async function publicRequestContext(): Promise<Context> {
  return { actor: { kind: "user" }, ...(await getRequest()) };
}

const findToken = cache(async () => findSessionToken(await headers()));

/**
 * Finds the live session that this request's cookie names, second factor shown or not.
 * Asked once per rendering, however often it is called.
 */
export const findSession = cache(async (): Promise<LiveSession | undefined> => {
  const token = await findToken();
  return token === undefined ? undefined : findSessionOf(token);
});

/** Whether this request's cookie names a session that has ended: by idling, by its age, elsewhere, or because its owner was disabled. */
export async function hasEndedSession(): Promise<boolean> {
  return (await findToken()) !== undefined && (await findSession()) === undefined;
}

/**
 * Requires staff who are signed in with both factors: the first line of every page of the console.
 * Without a session it leads to `/signin`, without the second factor to `/signin/second-factor`, and back here after either.
 * @param permission shows the page "not for your role" (403) to who lacks it; the denial is audited.
 */
export async function requireStaffContext(permission?: Permission): Promise<StaffContext> {
  const session = await findSession();
  if (session === undefined) redirect(await toSignIn("/signin"));
  const ctx = toStaffContext(session, await getRequest());
  if (ctx === undefined) redirect(await toSignIn("/signin/second-factor"));
  if (permission === undefined) return ctx;
  try {
    await requirePermission(ctx, permission);
  } catch (error) {
    if (error instanceof Denied) forbidden();
    throw error;
  }
  return ctx;
}

async function toSignIn(path: string): Promise<string> {
  const wanted = toReturnPath((await headers()).get("x-sparekey-path"));
  return wanted === undefined ? path : `${path}?${new URLSearchParams({ return: wanted })}`;
}

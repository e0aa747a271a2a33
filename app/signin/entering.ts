import "server-only";
import { redirect } from "next/navigation";
import { toReturnPath } from "@/lib/staff/return-path";
import { type Factors, readFactors } from "@/lib/staff/second-factor";
import { findSession } from "@/lib/staff/session";
import type { LiveSession } from "@/lib/staff/session-store";
import {
  beginPasskeyCheckAction,
  finishPasskeyCheckAction,
  showTotpAction,
  signOutAction,
  stepUpByOidcAction,
} from "./actions";

/** What `SecondFactor` calls. */
export const secondFactorActions = {
  beginPasskey: beginPasskeyCheckAction,
  finishPasskey: finishPasskeyCheckAction,
  showTotp: showTotpAction,
  beginOidc: stepUpByOidcAction,
  signOut: signOutAction,
};

/** Who is on the way in, by what they can show a second factor, and where they want to go; without a session, to `/signin`. */
export async function readEntering(
  searchParams: Promise<Record<string, string | string[] | undefined>>,
): Promise<{ session: LiveSession; factors: Factors; returnTo: string }> {
  const { return: wanted } = await searchParams;
  const returnTo = toReturnPath(String(wanted ?? "")) ?? "/users";
  const session = await findSession();
  if (session === undefined) redirect(`/signin?${new URLSearchParams({ return: returnTo })}`);
  return { session, factors: await readFactors(session), returnTo };
}

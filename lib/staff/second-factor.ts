import "server-only";
import { getConfig } from "@/lib/platform/config";
import type { Refusal } from "@/lib/platform/outcome";
import { inStatement, type Tx } from "@/lib/platform/transaction";
import { countFactors, hasShownOidc } from "./factor-store";
import { type EnteringContext, inNameOf } from "./live-session";
import { refuseRecorded } from "./refusal";
import type { LiveSession } from "./session-store";
import { isKnownToOidc } from "./store";

/** By what the owner of a session can show a second factor. */
export interface Factors {
  passkeys: number;
  totp: boolean;
  /** Known to the OpenID provider, which may vouch for one. */
  oidc: boolean;
  /** Whether there is one to be shown; if not, the first is to be enrolled now. */
  any: boolean;
}

/** Whether `staffId` has a passkey, an app, or has shown a second factor at the OpenID provider, in use now or not. */
async function hasFactor(tx: Tx, staffId: string): Promise<boolean> {
  const { passkeys, totp } = await countFactors(tx, staffId);
  return passkeys > 0 || totp || hasShownOidc(tx, staffId);
}

/** Reads by what the owner of `session` can show a second factor. */
export async function readFactors(session: LiveSession): Promise<Factors> {
  return inStatement(async (tx) => ({
    ...(await countFactors(tx, session.staffId)),
    oidc: getConfig().OIDC_ISSUER !== undefined && (await isKnownToOidc(tx, session.staffId)),
    any: await hasFactor(tx, session.staffId),
  }));
}

/**
 * Whether this session may enrol a second factor: one was shown in it lately, or its owner has none at all, at the OpenID provider neither
 * (ASVS 7.5.1: no new factor by a password alone beside one that exists).
 */
export async function mayEnrol(tx: Tx, { session }: EnteringContext): Promise<boolean> {
  if (session.isSteppedUp) return true;
  return session.secondFactorAt === null && !(await hasFactor(tx, session.staffId));
}

/** Refuses whoever may not enrol a second factor, and records it. Audit: `staff.factor-added`. */
export async function refuseEnrolment(tx: Tx, ctx: EnteringContext): Promise<Refusal<"step_up_needed">> {
  const { session } = ctx;
  return refuseRecorded(tx, inNameOf(ctx, session), "staff.factor-added", "step_up_needed", session.staffId);
}

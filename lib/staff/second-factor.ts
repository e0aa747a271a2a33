import "server-only";
import { getConfig } from "@/lib/platform/config";
import { inStatement, type Tx } from "@/lib/platform/transaction";
import { countFactors } from "./factor-store";
import type { EnteringContext } from "./live-session";
import { STEP_UP_SECONDS_MAX } from "./model";
import type { LiveSession } from "./store";
import { isKnownToOidc } from "./store";

/** By what the owner of a session can show a second factor. */
export interface Factors {
  passkeys: number;
  totp: boolean;
  /** Known to the OpenID provider, which may vouch for one. */
  oidc: boolean;
}

/** Reads by what the owner of `session` can show a second factor; none of all three: the first is to be enrolled now. */
export async function readFactors(session: LiveSession): Promise<Factors> {
  return inStatement(async (tx) => ({
    ...(await countFactors(tx, session.staffId)),
    oidc: getConfig().OIDC_ISSUER !== undefined && (await isKnownToOidc(tx, session.staffId)),
  }));
}

/**
 * Whether this session may enrol a second factor: one was shown in it within 15 min, or its owner has none at all
 * (ASVS 7.5.1: no new factor by a password alone beside one that exists).
 */
export async function mayEnrol(tx: Tx, { session }: EnteringContext): Promise<boolean> {
  const shown = session.secondFactorAt;
  if (shown !== null && Date.now() - shown.getTime() <= STEP_UP_SECONDS_MAX * 1000) return true;
  const { passkeys, totp } = await countFactors(tx, session.staffId);
  return shown === null && passkeys === 0 && !totp;
}

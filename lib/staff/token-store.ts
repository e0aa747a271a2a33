import "server-only";
import { and, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { staffToken } from "@/db/schema/staff";
import type { Tx } from "@/lib/platform/transaction";
import type { SecondFactorMethod } from "./model";

/** What a one-time token is good for. */
export type TokenPurpose = (typeof staffToken.$inferSelect)["purpose"];

/** By what somebody proved to be a staff member. */
export type SignInProof = {
  by: "password" | Exclude<SecondFactorMethod, "demo">;
  /** What it counts as besides; left out where a second factor is still to be shown. */
  factor?: SecondFactorMethod;
  /** How long before that was shown, in seconds; left out: just now. */
  factorAge?: string;
  /** The session in which it was shown; left out: to open one. */
  session?: string;
};

/** What is remembered with a token of each kind. */
export type TokenData = {
  setup: Record<string, never>;
  invite: Record<string, never>;
  password_reset: Record<string, never>;
  sign_in: SignInProof;
  /** `session`: the one that the challenge was given to, if any. */
  webauthn: { ceremony: "register" | "sign-in" | "second-factor"; session?: string };
};

/** Whose token it was, and what was remembered with it. */
export interface TokenRow<Purpose extends TokenPurpose> {
  staffId: string | null;
  data: TokenData[Purpose];
}

const live = (tokenDigest: Uint8Array, purpose: TokenPurpose) =>
  and(
    eq(staffToken.tokenDigest, tokenDigest),
    eq(staffToken.purpose, purpose),
    isNull(staffToken.usedAt),
    gt(staffToken.expiresAt, sql`now()`),
  );

/** Adds a token that lives for `seconds`, and answers until when. */
export async function insertToken(
  tx: Tx,
  token: {
    tokenDigest: Uint8Array;
    purpose: TokenPurpose;
    staffId: string | null;
    data: Record<string, string>;
    seconds: number;
  },
): Promise<Date> {
  const { seconds, ...values } = token;
  const [added] = await tx
    .insert(staffToken)
    .values({ ...values, expiresAt: sql`now() + make_interval(secs => ${seconds})` })
    .returning({ expiresAt: staffToken.expiresAt });
  return (added as { expiresAt: Date }).expiresAt;
}

/** Marks a live token as used and answers it: to one caller, once. */
export async function claimToken<Purpose extends TokenPurpose>(
  tx: Tx,
  tokenDigest: Uint8Array,
  purpose: Purpose,
): Promise<TokenRow<Purpose> | undefined> {
  const [used] = await tx
    .update(staffToken)
    .set({ usedAt: sql`now()` })
    .where(live(tokenDigest, purpose))
    .returning({ staffId: staffToken.staffId, data: staffToken.data });
  return used as TokenRow<Purpose> | undefined;
}

/** Whose a live token is, left unused. */
export async function findToken(
  tx: Tx,
  tokenDigest: Uint8Array,
  purpose: TokenPurpose,
): Promise<{ staffId: string | null } | undefined> {
  const [found] = await tx
    .select({ staffId: staffToken.staffId })
    .from(staffToken)
    .where(live(tokenDigest, purpose));
  return found;
}

/** Ends every live token of `staffId`, or (null) every one of `purpose` that belongs to nobody. */
export async function endTokens(tx: Tx, staffId: string | null, purpose?: TokenPurpose): Promise<void> {
  await tx
    .update(staffToken)
    .set({ usedAt: sql`now()` })
    .where(
      and(
        staffId === null ? isNull(staffToken.staffId) : eq(staffToken.staffId, staffId),
        purpose === undefined ? undefined : eq(staffToken.purpose, purpose),
        isNull(staffToken.usedAt),
      ),
    );
}

/** Deletes what expired more than a day ago. */
export async function deleteOldTokens(tx: Tx): Promise<void> {
  await tx.delete(staffToken).where(lt(staffToken.expiresAt, sql`now() - interval '1 day'`));
}

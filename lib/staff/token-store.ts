import "server-only";
import { and, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { staffToken } from "@/db/schema/staff";
import type { Tx } from "@/lib/platform/transaction";

/** What a one-time token is good for. */
export type TokenPurpose = (typeof staffToken.$inferSelect)["purpose"];

/** Whose token it was, and what was remembered with it. */
export interface TokenRow {
  staffId: string | null;
  data: Record<string, string>;
}

const row = { staffId: staffToken.staffId, data: staffToken.data };

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
export async function claimToken(
  tx: Tx,
  tokenDigest: Uint8Array,
  purpose: TokenPurpose,
): Promise<TokenRow | undefined> {
  const [used] = await tx
    .update(staffToken)
    .set({ usedAt: sql`now()` })
    .where(live(tokenDigest, purpose))
    .returning(row);
  return used;
}

/** A live token, left unused. */
export async function findToken(
  tx: Tx,
  tokenDigest: Uint8Array,
  purpose: TokenPurpose,
): Promise<TokenRow | undefined> {
  const [found] = await tx.select(row).from(staffToken).where(live(tokenDigest, purpose));
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

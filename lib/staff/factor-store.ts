import "server-only";
import { and, asc, eq, isNotNull, isNull, lt, sql } from "drizzle-orm";
import { staff, staffPasskey, staffTotp } from "@/db/schema/staff";
import type { Tx } from "@/lib/platform/transaction";

/** A passkey, with what its signatures are judged by. */
export interface PasskeyRow {
  id: string;
  staffId: string;
  publicKey: Uint8Array;
  counter: number;
  transports: string[];
}

/** A passkey as its owner sees it. */
export interface PasskeyListRow {
  id: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  transports: string[];
}

/** The passkeys of `staffId`, the oldest first. */
export async function listPasskeys(tx: Tx, staffId: string): Promise<PasskeyListRow[]> {
  return tx
    .select({
      id: staffPasskey.id,
      name: staffPasskey.name,
      createdAt: staffPasskey.createdAt,
      lastUsedAt: staffPasskey.lastUsedAt,
      transports: staffPasskey.transports,
    })
    .from(staffPasskey)
    .where(eq(staffPasskey.staffId, staffId))
    .orderBy(asc(staffPasskey.createdAt));
}

/** One passkey, held until the transaction ends. */
export async function lockPasskey(tx: Tx, id: string): Promise<PasskeyRow | undefined> {
  const [row] = await tx
    .select({
      id: staffPasskey.id,
      staffId: staffPasskey.staffId,
      publicKey: staffPasskey.publicKey,
      counter: staffPasskey.counter,
      transports: staffPasskey.transports,
    })
    .from(staffPasskey)
    .where(eq(staffPasskey.id, id))
    .for("update");
  return row;
}

/** Adds a passkey; says whether it was new. */
export async function insertPasskey(tx: Tx, row: PasskeyRow & { name: string }): Promise<boolean> {
  const added = await tx
    .insert(staffPasskey)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: staffPasskey.id });
  return added.length > 0;
}

/** Marks a passkey as used now, with the counter it told. */
export async function markPasskeyUsed(tx: Tx, id: string, counter: number): Promise<void> {
  await tx.update(staffPasskey).set({ counter, lastUsedAt: sql`now()` }).where(eq(staffPasskey.id, id));
}

/** Deletes a passkey of `staffId`; says whether there was one. */
export async function deletePasskey(tx: Tx, staffId: string, id: string): Promise<boolean> {
  const gone = await tx
    .delete(staffPasskey)
    .where(and(eq(staffPasskey.id, id), eq(staffPasskey.staffId, staffId)))
    .returning({ id: staffPasskey.id });
  return gone.length > 0;
}

/** A sealed TOTP secret. */
export interface TotpRow {
  secretCipher: Uint8Array;
  keyId: string;
  confirmedAt: Date | null;
  /** Wrong codes in a row. */
  failedCount: number;
  /** Seconds until the next code is judged; 0 where it would be now. */
  lockedSeconds: number;
}

/** The TOTP secret of `staffId`, confirmed or not. */
export async function findTotp(tx: Tx, staffId: string): Promise<TotpRow | undefined> {
  const [row] = await tx
    .select({
      secretCipher: staffTotp.secretCipher,
      keyId: staffTotp.keyId,
      confirmedAt: staffTotp.confirmedAt,
      failedCount: staffTotp.failedCount,
      lockedSeconds:
        sql<number>`greatest(0, ceil(extract(epoch from ${staffTotp.lockedUntil} - now())))::int`.mapWith(
          (value) => Number(value ?? 0),
        ),
    })
    .from(staffTotp)
    .where(eq(staffTotp.staffId, staffId));
  return row;
}

/** Keeps a new secret, not confirmed yet, in the place of another such; says no where a confirmed one stands. */
export async function upsertTotp(
  tx: Tx,
  staffId: string,
  sealed: { secretCipher: Uint8Array; keyId: string },
): Promise<boolean> {
  const kept = await tx
    .insert(staffTotp)
    .values({ staffId, ...sealed })
    .onConflictDoUpdate({
      target: staffTotp.staffId,
      set: { ...sealed, lastStep: 0, createdAt: sql`now()` },
      setWhere: isNull(staffTotp.confirmedAt),
    })
    .returning({ staffId: staffTotp.staffId });
  return kept.length > 0;
}

/** Spends the 30 s step of a confirmed secret; says no where it, or a later one, was spent before. */
export async function spendTotpStep(tx: Tx, staffId: string, step: number): Promise<boolean> {
  const spent = await tx
    .update(staffTotp)
    .set({ lastStep: step })
    .where(
      and(eq(staffTotp.staffId, staffId), isNotNull(staffTotp.confirmedAt), lt(staffTotp.lastStep, step)),
    )
    .returning({ staffId: staffTotp.staffId });
  return spent.length > 0;
}

/** Confirms a secret by the first step shown of it; says no where it was confirmed before. */
export async function confirmTotpRow(tx: Tx, staffId: string, step: number): Promise<boolean> {
  const confirmed = await tx
    .update(staffTotp)
    .set({ lastStep: step, confirmedAt: sql`now()` })
    .where(and(eq(staffTotp.staffId, staffId), isNull(staffTotp.confirmedAt)))
    .returning({ staffId: staffTotp.staffId });
  return confirmed.length > 0;
}

/** Sets how many wrong codes in a row there were, and for how many seconds none is judged. */
export async function setTotpFailures(
  tx: Tx,
  staffId: string,
  failures: number,
  lockSeconds: number,
): Promise<void> {
  await tx
    .update(staffTotp)
    .set({
      failedCount: failures,
      lockedUntil: lockSeconds === 0 ? null : sql`now() + make_interval(secs => ${lockSeconds})`,
    })
    .where(eq(staffTotp.staffId, staffId));
}

/** Deletes the TOTP secret of `staffId`; says whether there was one. */
export async function deleteTotp(tx: Tx, staffId: string): Promise<boolean> {
  const gone = await tx
    .delete(staffTotp)
    .where(eq(staffTotp.staffId, staffId))
    .returning({ staffId: staffTotp.staffId });
  return gone.length > 0;
}

/** Whether the OpenID provider has vouched for a second factor of `staffId` since their factors were last reset. */
export async function hasShownOidc(tx: Tx, staffId: string): Promise<boolean> {
  const [row] = await tx.select({ at: staff.oidcFactorAt }).from(staff).where(eq(staff.id, staffId));
  return row?.at != null;
}

/** Keeps that the OpenID provider has just vouched for a second factor of `staffId`. */
export async function markShownOidc(tx: Tx, staffId: string): Promise<void> {
  await tx.update(staff).set({ oidcFactorAt: sql`now()` }).where(eq(staff.id, staffId));
}

/** Deletes every second factor of `staffId`, and forgets that the OpenID provider vouched for one. */
export async function deleteFactors(tx: Tx, staffId: string): Promise<void> {
  await tx.update(staff).set({ oidcFactorAt: null }).where(eq(staff.id, staffId));
  await tx.delete(staffPasskey).where(eq(staffPasskey.staffId, staffId));
  await tx.delete(staffTotp).where(eq(staffTotp.staffId, staffId));
}

/** How many passkeys `staffId` has, and whether a confirmed TOTP secret. */
export async function countFactors(tx: Tx, staffId: string): Promise<{ passkeys: number; totp: boolean }> {
  const passkeys = await tx
    .select({ id: staffPasskey.id })
    .from(staffPasskey)
    .where(eq(staffPasskey.staffId, staffId));
  const totp = await findTotp(tx, staffId);
  return { passkeys: passkeys.length, totp: totp !== undefined && totp.confirmedAt !== null };
}

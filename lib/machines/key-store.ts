import "server-only";
import { and, asc, count, eq, isNull, sql } from "drizzle-orm";
import { machine, signingKey } from "@/db/schema/machines";
import type { Tx } from "@/lib/platform/transaction";

/** A signing key as it lies. */
export type SigningKeyRow = typeof signingKey.$inferSelect;

/** Makes whoever else changes signing keys wait until this transaction ends. */
export async function lockKeys(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('sparekey/signing-keys'))`);
}

/** Every signing key that ever was, the oldest first. */
export async function selectKeys(tx: Tx): Promise<SigningKeyRow[]> {
  return tx.select().from(signingKey).orderBy(asc(signingKey.createdAt), asc(signingKey.id));
}

/** Adds a key, in force at once or announced. */
export async function insertKey(
  tx: Tx,
  row: Pick<SigningKeyRow, "id" | "publicKey" | "privateCipher" | "privateKeyId"> & { isInForce: boolean },
): Promise<void> {
  const { isInForce, ...columns } = row;
  const at = sql`clock_timestamp()`;
  await tx.insert(signingKey).values({ ...columns, createdAt: at, inForceAt: isInForce ? at : null });
}

/** Puts the announced key in force. @returns its id; undefined: none is announced. */
export async function updateInForce(tx: Tx): Promise<string | undefined> {
  const [row] = await tx
    .update(signingKey)
    .set({ inForceAt: sql`clock_timestamp()` })
    .where(and(isNull(signingKey.inForceAt), isNull(signingKey.endedAt)))
    .returning({ id: signingKey.id });
  return row?.id;
}

/** Ends a key and deletes its private half. */
export async function updateEndedKey(tx: Tx, keyId: string): Promise<void> {
  await tx
    .update(signingKey)
    .set({ endedAt: sql`clock_timestamp()`, privateCipher: null, privateKeyId: null })
    .where(eq(signingKey.id, keyId));
}

/** How many enrolled machines said last that they pin a key, by the key's id. */
export async function countPinned(tx: Tx): Promise<Map<string, number>> {
  const rows = await tx
    .select({ id: machine.pinnedKeyId, machines: count() })
    .from(machine)
    .where(isNull(machine.endedAt))
    .groupBy(machine.pinnedKeyId);
  return new Map(rows.map(({ id, machines }) => [id, machines]));
}

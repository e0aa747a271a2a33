import "server-only";
import { inArray, sql } from "drizzle-orm";
import { openidKey } from "@/db/schema/openid";
import type { Tx } from "@/lib/platform/transaction";

/** A signing key as it lies. */
export type OpenidKeyRow = typeof openidKey.$inferSelect;

/** Makes whoever else changes signing keys wait until this transaction ends. */
export async function lockKeys(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('sparekey/openid-keys'))`);
}

/** Every signing key, and the database's time. */
export async function selectKeys(tx: Tx): Promise<{ keys: OpenidKeyRow[]; now: Date }> {
  const rows = await tx
    .select({ key: openidKey, now: sql`clock_timestamp()`.mapWith(openidKey.createdAt) })
    .from(openidKey);
  return { keys: rows.map(({ key }) => key), now: rows[0]?.now ?? new Date(0) };
}

/** Adds a key. */
export async function insertKey(tx: Tx, row: Omit<OpenidKeyRow, "createdAt">): Promise<void> {
  await tx.insert(openidKey).values({ ...row, createdAt: sql`clock_timestamp()` });
}

/** Deletes keys: nobody verifies anything by them any more. */
export async function deleteKeys(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.delete(openidKey).where(inArray(openidKey.id, [...ids]));
}

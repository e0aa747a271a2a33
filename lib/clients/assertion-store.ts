import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "@/lib/platform/transaction";

/**
 * Remembers an assertion by its `jti` until none of that id could be good by any clock of ours.
 * @returns whether this call is the first with it: of any number at once, one.
 */
export async function insertAssertion(
  tx: Tx,
  assertion: { clientId: string; jti: string; expSeconds: number },
): Promise<boolean> {
  const rows = await tx.execute(sql`
    insert into client_assertion (client_id, jti, expires_at)
    values (${assertion.clientId}::uuid, ${assertion.jti}, to_timestamp(${assertion.expSeconds}::float8) + interval '10 minutes')
    on conflict do nothing returning 1`);
  return rows.length === 1;
}

/** Deletes the ids of assertions that are over by any clock. @returns how many. */
export async function deleteOldAssertions(tx: Tx): Promise<number> {
  const rows = await tx.execute(sql`delete from client_assertion where expires_at < now() returning 1`);
  return rows.length;
}

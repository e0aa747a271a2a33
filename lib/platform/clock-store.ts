import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "./transaction";

/** The database's time at the start of this transaction: the one clock for every deadline. */
export async function getNow(tx: Tx): Promise<Date> {
  const [row] = await tx.execute<{ now: string }>(
    sql`select to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
  );
  return new Date(row?.now ?? Number.NaN);
}

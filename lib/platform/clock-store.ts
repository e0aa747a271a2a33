import "server-only";
import { sql } from "drizzle-orm";
import { iso8601 } from "./sql";
import type { Tx } from "./transaction";

/** The database's time at the start of this transaction: the one clock for every deadline. */
export async function getNow(tx: Tx): Promise<Date> {
  const [row] = await tx.execute<{ now: string }>(sql`select ${iso8601`now()`} as now`);
  return new Date(row?.now ?? Number.NaN);
}

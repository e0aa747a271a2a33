import "server-only";
import { desc, eq, sql } from "drizzle-orm";
import { grants } from "@/db/schema/grants";
import type { Tx } from "@/lib/platform/transaction";

/** How many of an issuer's newest grants are looked at for whom they were for. */
const lookedAt = 200;

/** The users to whom this issuer gave access last, the latest first. */
export async function selectRecentUserIds(tx: Tx, issuerId: string, limit: number): Promise<string[]> {
  const newest = tx
    .select({ userId: grants.userId, createdAt: grants.createdAt })
    .from(grants)
    .where(eq(grants.issuerId, issuerId))
    .orderBy(sql`${grants.createdAt} desc nulls last`)
    .limit(lookedAt)
    .as("newest");
  const rows = await tx
    .select({ userId: newest.userId })
    .from(newest)
    .groupBy(newest.userId)
    .orderBy(desc(sql`max(${newest.createdAt})`))
    .limit(limit);
  return rows.map(({ userId }) => userId);
}

import "server-only";
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { grants } from "@/db/schema/grants";
import { keepPrepared, type Tx } from "@/lib/platform/transaction";
import type { Method } from "@/lib/policy/model";

/** A method that a user can use now, and until when. */
export interface LiveAccess {
  readonly userId: string;
  readonly method: Method;
  readonly expiresAt: Date;
}

const liveAccess = keepPrepared((tx) =>
  tx
    .select({ userId: grants.userId, method: grants.method, expiresAt: grants.expiresAt })
    .from(grants)
    .where(
      and(
        sql`${grants.userId} = any(${sql.placeholder("userIds")}::uuid[])`,
        isNull(grants.endedAt),
        sql`${grants.expiresAt} > clock_timestamp()`,
      ),
    )
    .orderBy(desc(grants.expiresAt))
    .prepare("live_access"),
);

/** What these users could use now, of each what ends last first. */
export async function selectLiveAccess(tx: Tx, userIds: readonly string[]): Promise<LiveAccess[]> {
  return userIds.length === 0 ? [] : liveAccess(tx).execute({ userIds });
}

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

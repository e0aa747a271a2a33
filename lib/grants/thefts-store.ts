import "server-only";
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { users } from "@/db/schema/directory";
import { grants } from "@/db/schema/grants";
import type { Tx } from "@/lib/platform/transaction";

/** That something of a user was stolen, as whoever gave them access in its place said. */
export interface Theft {
  readonly userId: string;
  readonly displayName: string;
  readonly login: string;
  readonly reportedAt: Date;
  /** Who reported it; null: nobody whose name is known. */
  readonly reportedBy: string | null;
  readonly ticket: string | null;
  readonly note: string | null;
}

const isUnseen = and(eq(grants.reason, "stolen"), isNull(grants.theftSeenAt));

/** Lists whose thefts nobody has looked at, the newest of each user, the newest first. */
export async function selectThefts(tx: Tx, limit: number): Promise<Theft[]> {
  const newest = tx
    .selectDistinctOn([grants.userId], {
      userId: grants.userId,
      displayName: users.displayName,
      login: users.login,
      reportedAt: grants.createdAt,
      reportedBy: grants.issuerLabel,
      ticket: grants.ticket,
      note: grants.reasonNote,
    })
    .from(grants)
    .innerJoin(users, eq(users.id, grants.userId))
    .where(isUnseen)
    .orderBy(grants.userId, desc(grants.createdAt))
    .as("newest");
  return tx.select().from(newest).orderBy(desc(newest.reportedAt)).limit(limit);
}

/** Marks all thefts of a user as looked at. @returns how many nobody had looked at before. */
export async function updateTheftsSeen(tx: Tx, userId: string, by: string): Promise<number> {
  const rows = await tx
    .update(grants)
    .set({ theftSeenAt: sql`clock_timestamp()`, theftSeenBy: by })
    .where(and(eq(grants.userId, userId), isUnseen))
    .returning({ id: grants.id });
  return rows.length;
}

import "server-only";
import { and, eq, gt, isNull, sql } from "drizzle-orm";
import { staff, staffSession } from "@/db/schema/staff";
import type { Role } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import type { SecondFactorMethod } from "./model";

/** A session that is alive, with the staff member it belongs to. */
export interface LiveSession {
  sessionId: string;
  staffId: string;
  name: string;
  email: string;
  role: Role;
  userDirectoryId: string | null;
  language: string;
  timeZone: string | null;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  secondFactorAt: Date | null;
  secondFactorMethod: SecondFactorMethod | null;
}

/**
 * The live session whose token has this digest: not ended, not past its end, used within `idleSeconds`, of staff who
 * are not disabled. The database's clock decides.
 */
export async function findLiveSession(
  tx: Tx,
  tokenDigest: Uint8Array,
  idleSeconds: number,
): Promise<LiveSession | undefined> {
  const [row] = await tx
    .select({
      sessionId: staffSession.id,
      staffId: staff.id,
      name: staff.name,
      email: staff.email,
      role: staff.role,
      userDirectoryId: staff.userDirectoryId,
      language: staff.language,
      timeZone: staff.timeZone,
      createdAt: staffSession.createdAt,
      lastSeenAt: staffSession.lastSeenAt,
      expiresAt: staffSession.expiresAt,
      secondFactorAt: staffSession.secondFactorAt,
      secondFactorMethod: staffSession.secondFactorMethod,
    })
    .from(staffSession)
    .innerJoin(staff, eq(staff.id, staffSession.staffId))
    .where(
      and(
        eq(staffSession.tokenDigest, tokenDigest),
        isNull(staffSession.endedAt),
        gt(staffSession.expiresAt, sql`now()`),
        gt(staffSession.lastSeenAt, sql`now() - make_interval(secs => ${idleSeconds})`),
        isNull(staff.disabledAt),
      ),
    );
  return row;
}

/** Marks the session as used now, at most once in `everySeconds`. */
export async function touchSession(tx: Tx, sessionId: string, everySeconds: number): Promise<void> {
  await tx
    .update(staffSession)
    .set({ lastSeenAt: sql`now()` })
    .where(
      and(
        eq(staffSession.id, sessionId),
        isNull(staffSession.endedAt),
        sql`${staffSession.lastSeenAt} < now() - make_interval(secs => ${everySeconds})`,
      ),
    );
}

/** Adds a session that ends `seconds` from now, and answers its id. */
export async function insertSession(
  tx: Tx,
  row: {
    tokenDigest: Uint8Array;
    staffId: string;
    seconds: number;
    secondFactorAt: Date | null;
    secondFactorMethod: SecondFactorMethod | null;
    sourceIp: string | null;
    userAgent: string | null;
  },
): Promise<string> {
  const { seconds, ...values } = row;
  const [added] = await tx
    .insert(staffSession)
    .values({ ...values, expiresAt: sql`now() + make_interval(secs => ${seconds})` })
    .returning({ id: staffSession.id });
  return (added as { id: string }).id;
}

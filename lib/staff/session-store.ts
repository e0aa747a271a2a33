import "server-only";
import { and, desc, eq, gt, isNull, lt, ne, type Placeholder, sql } from "drizzle-orm";
import { policyVersion } from "@/db/schema/policy";
import { staff, staffSession } from "@/db/schema/staff";
import type { Role } from "@/lib/platform/context";
import { keepPrepared, type Tx } from "@/lib/platform/transaction";
import { type SecondFactorMethod, STEP_UP_SECONDS_MAX } from "./model";

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
  /** How long ago it was marked as used, by the database's clock. */
  idleSeconds: number;
  expiresAt: Date;
  secondFactorAt: Date | null;
  secondFactorMethod: SecondFactorMethod | null;
  /** Whether the second factor is as young as the policy in force wants it before a sensitive act. */
  isSteppedUp: boolean;
}

const stepUpSeconds = sql`coalesce(
  (select (document ->> 'stepUpSeconds')::int from ${policyVersion} order by version desc limit 1), ${STEP_UP_SECONDS_MAX}::int)`;

/** That a session lives: not ended, not past its end, used within `idleSeconds`. The database's clock decides. */
export const alive = (idleSeconds: number | Placeholder) =>
  and(
    isNull(staffSession.endedAt),
    gt(staffSession.expiresAt, sql`now()`),
    gt(staffSession.lastSeenAt, sql`now() - make_interval(secs => ${idleSeconds}::int)`),
  );

const liveSession = keepPrepared((tx) =>
  tx
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
      idleSeconds: sql<number>`extract(epoch from now() - ${staffSession.lastSeenAt})::float8`,
      expiresAt: staffSession.expiresAt,
      secondFactorAt: staffSession.secondFactorAt,
      secondFactorMethod: staffSession.secondFactorMethod,
      isSteppedUp: sql<boolean>`coalesce(${staffSession.secondFactorAt} >= now() - make_interval(secs => ${stepUpSeconds}), false)`,
    })
    .from(staffSession)
    .innerJoin(staff, eq(staff.id, staffSession.staffId))
    .where(
      and(
        eq(staffSession.tokenDigest, sql.placeholder("tokenDigest")),
        alive(sql.placeholder("idleSecondsMax")),
        isNull(staff.disabledAt),
      ),
    )
    .prepare("live_session"),
);

/**
 * The live session whose token has this digest: not ended, not past its end, used within `idleSecondsMax`, of staff who
 * are not disabled. The database's clock decides.
 */
export async function findLiveSession(
  tx: Tx,
  tokenDigest: Uint8Array,
  idleSecondsMax: number,
): Promise<LiveSession | undefined> {
  const [row] = await liveSession(tx).execute({ tokenDigest, idleSecondsMax });
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
    /** How long ago a second factor was shown; null: it was not. */
    secondFactorAgeSeconds: number | null;
    secondFactorMethod: SecondFactorMethod | null;
    sourceIp: string | null;
    userAgent: string | null;
  },
): Promise<string> {
  const { seconds, secondFactorAgeSeconds, ...values } = row;
  const [added] = await tx
    .insert(staffSession)
    .values({
      ...values,
      expiresAt: sql`now() + make_interval(secs => ${seconds})`,
      secondFactorAt:
        secondFactorAgeSeconds === null
          ? null
          : sql`now() - make_interval(secs => ${secondFactorAgeSeconds})`,
    })
    .returning({ id: staffSession.id });
  return (added as { id: string }).id;
}

/**
 * Gives a live session another token, and marks the second factor as shown in it now.
 * @returns whose session it is; undefined where it is no longer alive.
 */
export async function rotateSession(
  tx: Tx,
  sessionId: string,
  row: { tokenDigest: Uint8Array; secondFactorMethod: SecondFactorMethod },
): Promise<string | undefined> {
  const [rotated] = await tx
    .update(staffSession)
    .set({ ...row, secondFactorAt: sql`now()`, lastSeenAt: sql`now()` })
    .where(
      and(
        eq(staffSession.id, sessionId),
        isNull(staffSession.endedAt),
        gt(staffSession.expiresAt, sql`now()`),
      ),
    )
    .returning({ staffId: staffSession.staffId });
  return rotated?.staffId;
}

/** Why a session ended before its time. */
export type SessionEnd =
  | "signed_out"
  | "replaced"
  | "ended_by_owner"
  | "ended_by_self"
  | "disabled"
  | "password"
  | "factor";

/** Ends one session, if it is `staffId`'s and not ended yet; says whether. */
export async function endSession(
  tx: Tx,
  sessionId: string,
  staffId: string,
  reason: SessionEnd,
): Promise<boolean> {
  const ended = await tx
    .update(staffSession)
    .set({ endedAt: sql`now()`, endedReason: reason })
    .where(
      and(eq(staffSession.id, sessionId), eq(staffSession.staffId, staffId), isNull(staffSession.endedAt)),
    )
    .returning({ id: staffSession.id });
  return ended.length > 0;
}

/** Ends the session that a token with this digest names, if any. */
export async function endSessionOfToken(tx: Tx, tokenDigest: Uint8Array, reason: SessionEnd): Promise<void> {
  await tx
    .update(staffSession)
    .set({ endedAt: sql`now()`, endedReason: reason })
    .where(and(eq(staffSession.tokenDigest, tokenDigest), isNull(staffSession.endedAt)));
}

/** Ends all sessions of `staffId` but `exceptId`, and answers how many lived. */
export async function endSessionsOf(
  tx: Tx,
  staffId: string,
  reason: SessionEnd,
  exceptId?: string,
): Promise<number> {
  const ended = await tx
    .update(staffSession)
    .set({ endedAt: sql`now()`, endedReason: reason })
    .where(
      and(
        eq(staffSession.staffId, staffId),
        isNull(staffSession.endedAt),
        exceptId === undefined ? undefined : ne(staffSession.id, exceptId),
      ),
    )
    .returning({ id: staffSession.id });
  return ended.length;
}

/** A session as its owner, or whoever manages staff, sees it. */
export interface SessionRow {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  secondFactorMethod: SecondFactorMethod | null;
  sourceIp: string | null;
  userAgent: string | null;
}

/** The live sessions of `staffId`, the last used first. */
export async function listLiveSessions(tx: Tx, staffId: string, idleSeconds: number): Promise<SessionRow[]> {
  return tx
    .select({
      id: staffSession.id,
      createdAt: staffSession.createdAt,
      lastSeenAt: staffSession.lastSeenAt,
      expiresAt: staffSession.expiresAt,
      secondFactorMethod: staffSession.secondFactorMethod,
      sourceIp: staffSession.sourceIp,
      userAgent: staffSession.userAgent,
    })
    .from(staffSession)
    .where(and(eq(staffSession.staffId, staffId), alive(idleSeconds)))
    .orderBy(desc(staffSession.lastSeenAt));
}

/** Deletes sessions that were over more than 90 days ago. */
export async function deleteOldSessions(tx: Tx): Promise<void> {
  await tx.delete(staffSession).where(lt(staffSession.expiresAt, sql`now() - interval '90 days'`));
}

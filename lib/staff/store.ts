import "server-only";
import { and, asc, count, desc, eq, gt, isNull, lt, ne, sql } from "drizzle-orm";
import { staff, staffPasskey, staffSession, staffTotp } from "@/db/schema/staff";
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

const alive = (idleSeconds: number) =>
  and(
    isNull(staffSession.endedAt),
    gt(staffSession.expiresAt, sql`now()`),
    gt(staffSession.lastSeenAt, sql`now() - make_interval(secs => ${idleSeconds})`),
  );

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

/** A staff member as the verbs of this domain see one. */
export interface StaffRow {
  id: string;
  email: string;
  name: string;
  role: Role;
  passwordHash: string | null;
  failedCount: number;
  /** Seconds until the next try is judged; 0 where it would be now. */
  lockedSeconds: number;
  disabledAt: Date | null;
  userDirectoryId: string | null;
  oidcIssuer: string | null;
  oidcSubject: string | null;
  language: string;
  timeZone: string | null;
}

const staffColumns = {
  id: staff.id,
  email: staff.email,
  name: staff.name,
  role: staff.role,
  passwordHash: staff.passwordHash,
  failedCount: staff.failedCount,
  lockedSeconds:
    sql<number>`greatest(0, ceil(extract(epoch from ${staff.lockedUntil} - now())))::int`.mapWith((value) =>
      Number(value ?? 0),
    ),
  disabledAt: staff.disabledAt,
  userDirectoryId: staff.userDirectoryId,
  oidcIssuer: staff.oidcIssuer,
  oidcSubject: staff.oidcSubject,
  language: staff.language,
  timeZone: staff.timeZone,
};

/** One staff member, held against every other change until the transaction ends. */
export async function lockStaff(tx: Tx, staffId: string): Promise<StaffRow | undefined> {
  const [row] = await tx.select(staffColumns).from(staff).where(eq(staff.id, staffId)).for("update");
  return row;
}

/** One staff member. */
export async function findStaff(tx: Tx, staffId: string): Promise<StaffRow | undefined> {
  const [row] = await tx.select(staffColumns).from(staff).where(eq(staff.id, staffId));
  return row;
}

/** The staff member with this e-mail (folded), held as by `lockStaff`. */
export async function lockStaffByEmail(tx: Tx, emailKey: string): Promise<StaffRow | undefined> {
  const [row] = await tx.select(staffColumns).from(staff).where(eq(staff.emailKey, emailKey)).for("update");
  return row;
}

/** The staff member whom the OpenID provider knows by this subject, held as by `lockStaff`. */
export async function lockStaffByOidc(
  tx: Tx,
  issuer: string,
  subject: string,
): Promise<StaffRow | undefined> {
  const [row] = await tx
    .select(staffColumns)
    .from(staff)
    .where(and(eq(staff.oidcIssuer, issuer), eq(staff.oidcSubject, subject)))
    .for("update");
  return row;
}

/** Holds all owners who are not disabled, always in the same order, and answers their ids: "the last one" can't change meanwhile. */
export async function lockOwners(tx: Tx): Promise<string[]> {
  const rows = await tx
    .select({ id: staff.id })
    .from(staff)
    .where(and(eq(staff.role, "owner"), isNull(staff.disabledAt)))
    .orderBy(asc(staff.id))
    .for("update");
  return rows.map(({ id }) => id);
}

/** Holds the right to make the first staff member, until the transaction ends. */
export async function lockSetup(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('sparekey/setup'))`);
}

/** Whether there is any staff at all. */
export async function hasStaff(tx: Tx): Promise<boolean> {
  const rows = await tx.select({ id: staff.id }).from(staff).limit(1);
  return rows.length > 0;
}

/** Adds a staff member and answers the id; undefined where the e-mail is taken. */
export async function insertStaff(tx: Tx, row: typeof staff.$inferInsert): Promise<string | undefined> {
  const [added] = await tx
    .insert(staff)
    .values(row)
    .onConflictDoNothing({ target: staff.emailKey })
    .returning({ id: staff.id });
  return added?.id;
}

/** Changes columns of a staff member. */
export async function updateStaff(
  tx: Tx,
  staffId: string,
  changes: Partial<
    Pick<
      typeof staff.$inferInsert,
      | "name"
      | "role"
      | "passwordHash"
      | "userDirectoryId"
      | "oidcIssuer"
      | "oidcSubject"
      | "language"
      | "timeZone"
    >
  >,
): Promise<void> {
  await tx.update(staff).set(changes).where(eq(staff.id, staffId));
}

/** Disables (true) or enables a staff member. */
export async function setDisabled(tx: Tx, staffId: string, disabled: boolean): Promise<void> {
  await tx
    .update(staff)
    .set({ disabledAt: disabled ? sql`now()` : null })
    .where(eq(staff.id, staffId));
}

/** Sets how many wrong tries in a row there were, and for how many seconds the account stands still. */
export async function setFailures(
  tx: Tx,
  staffId: string,
  failures: number,
  lockSeconds: number,
): Promise<void> {
  await tx
    .update(staff)
    .set({
      failedCount: failures,
      lockedUntil: lockSeconds === 0 ? null : sql`now() + make_interval(secs => ${lockSeconds})`,
    })
    .where(eq(staff.id, staffId));
}

/** Marks now as the last sign-in. */
export async function markSignedIn(tx: Tx, staffId: string): Promise<void> {
  await tx.update(staff).set({ lastSignInAt: sql`now()` }).where(eq(staff.id, staffId));
}

/** A staff member as the list of staff shows one. */
export interface StaffListRow {
  id: string;
  email: string;
  name: string;
  role: Role;
  createdAt: Date;
  lastSignInAt: Date | null;
  /** Seconds until sign-in is judged again; 0 where it would be now. */
  lockedSeconds: number;
  disabledAt: Date | null;
  userDirectoryId: string | null;
  hasPassword: boolean;
  hasOidc: boolean;
  passkeys: number;
  hasTotp: boolean;
  sessions: number;
}

/** Everybody (or `staffId` alone), by name, with how they sign in and how many live sessions they have. */
export async function listStaffRows(tx: Tx, idleSeconds: number, staffId?: string): Promise<StaffListRow[]> {
  const passkeys = tx
    .select({ staffId: staffPasskey.staffId, passkeys: count().as("passkeys") })
    .from(staffPasskey)
    .groupBy(staffPasskey.staffId)
    .as("p");
  const sessions = tx
    .select({ staffId: staffSession.staffId, sessions: count().as("sessions") })
    .from(staffSession)
    .where(alive(idleSeconds))
    .groupBy(staffSession.staffId)
    .as("s");
  const number = (value: unknown) => Number(value);
  return tx
    .select({
      id: staff.id,
      email: staff.email,
      name: staff.name,
      role: staff.role,
      createdAt: staff.createdAt,
      lastSignInAt: staff.lastSignInAt,
      lockedSeconds:
        sql<number>`greatest(0, ceil(extract(epoch from greatest(${staff.lockedUntil}, ${staffTotp.lockedUntil}) - now())))::int`.mapWith(
          (value) => Number(value ?? 0),
        ),
      disabledAt: staff.disabledAt,
      userDirectoryId: staff.userDirectoryId,
      hasPassword: sql<boolean>`${staff.passwordHash} is not null`,
      hasOidc: sql<boolean>`${staff.oidcSubject} is not null`,
      passkeys: sql<number>`coalesce(${passkeys.passkeys}, 0)`.mapWith(number),
      hasTotp: sql<boolean>`${staffTotp.confirmedAt} is not null`,
      sessions: sql<number>`coalesce(${sessions.sessions}, 0)`.mapWith(number),
    })
    .from(staff)
    .leftJoin(passkeys, eq(passkeys.staffId, staff.id))
    .leftJoin(sessions, eq(sessions.staffId, staff.id))
    .leftJoin(staffTotp, eq(staffTotp.staffId, staff.id))
    .where(staffId === undefined ? undefined : eq(staff.id, staffId))
    .orderBy(asc(staff.name), asc(staff.id));
}

/** Whether the OpenID provider knows this staff member. */
export async function isKnownToOidc(tx: Tx, staffId: string): Promise<boolean> {
  const [row] = await tx.select({ subject: staff.oidcSubject }).from(staff).where(eq(staff.id, staffId));
  return row !== undefined && row.subject !== null;
}

/** The id of the staff member with this e-mail (folded). */
export async function findStaffIdByEmail(tx: Tx, emailKey: string): Promise<string | undefined> {
  const [row] = await tx.select({ id: staff.id }).from(staff).where(eq(staff.emailKey, emailKey));
  return row?.id;
}

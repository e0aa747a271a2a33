import "server-only";
import { and, asc, count, eq, isNull, sql } from "drizzle-orm";
import { staff, staffPasskey, staffSession, staffTotp } from "@/db/schema/staff";
import type { Role } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import { alive } from "./session-store";

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

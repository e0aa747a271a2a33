import "server-only";
import { and, eq, inArray, isNull, lte, type SQL, sql } from "drizzle-orm";
import { accessCode, slot } from "@/db/schema/codes";
import { users } from "@/db/schema/directory";
import { grants } from "@/db/schema/grants";
import { challenge } from "@/db/schema/otp";
import { serverState } from "@/db/schema/platform";
import type { NoticeKind } from "@/lib/delivery/message";
import { Fault } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type { Method } from "@/lib/policy/model";
import type { Grant, GrantEnd, GrantReason, Issuer } from "./model";

/** The columns of a grant, with its code. */
export const grantColumns = {
  id: grants.id,
  userId: grants.userId,
  method: grants.method,
  startsAt: grants.startsAt,
  expiresAt: grants.expiresAt,
  usesMax: grants.usesMax,
  usesCount: grants.usesCount,
  lastUsedAt: grants.lastUsedAt,
  issuerKind: grants.issuerKind,
  issuerId: grants.issuerId,
  issuerLabel: grants.issuerLabel,
  reason: grants.reason,
  reasonNote: grants.reasonNote,
  ticket: grants.ticket,
  policyVersion: grants.policyVersion,
  endedAt: grants.endedAt,
  endedAs: grants.endedAs,
  endedBy: grants.endedBy,
  endReason: grants.endReason,
  replacedById: grants.replacedById,
  createdAt: grants.createdAt,
  codeForm: accessCode.form,
  codeOfflineExpiresAt: accessCode.offlineExpiresAt,
  codeSlotNumber: slot.number,
  codeWrongCount: accessCode.wrongCount,
};

/** A row as `selectGrants` gives it. */
type GrantRow = Awaited<ReturnType<typeof selectGrants>>[number];

/** Starts a query for grants with their codes. */
function selectGrants(tx: Tx) {
  return tx
    .select(grantColumns)
    .from(grants)
    .leftJoin(accessCode, eq(accessCode.grantId, grants.id))
    .leftJoin(slot, eq(slot.id, accessCode.slotId))
    .$dynamic();
}

/** Maps a row to a grant. */
export function toGrant(row: GrantRow): Grant {
  const {
    issuerKind,
    issuerId,
    issuerLabel,
    codeForm,
    codeOfflineExpiresAt,
    codeSlotNumber,
    codeWrongCount,
    ...grant
  } = row;
  return {
    ...grant,
    issuer: { kind: issuerKind, id: issuerId, label: issuerLabel },
    code:
      codeForm === null
        ? null
        : {
            form: codeForm,
            offlineExpiresAt: codeOfflineExpiresAt,
            slotNumber: codeSlotNumber,
            wrongCount: codeWrongCount ?? 0,
          },
  };
}

/**
 * Locks the user for whoever issues or ends: one at a time for a user, so that slots are numbered in order and no two
 * grants of a method are live. Reading, redeeming and foreign keys go on.
 * @returns whether there is such a user.
 */
export async function lockUser(tx: Tx, userId: string): Promise<boolean> {
  const found = await tx
    .select({ id: users.id })
    .from(users)
    .where(eq(users.id, userId))
    .for("no key update");
  return found.length === 1;
}

/** Makes whoever carries the same form id wait: a form that is sent twice is judged one after the other. */
export async function lockForm(tx: Tx, issuer: Issuer, formId: string): Promise<void> {
  const name = `sparekey/form/${issuer.kind}/${issuer.id}/${formId}`;
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
}

/** What the installation is like now, by the database's clock at this statement (not at the transaction's start). */
export async function getIssueState(
  tx: Tx,
): Promise<{ now: Date; generation: number; issuingStoppedAt: Date | null }> {
  const [row] = await tx
    .select({
      now: sql`date_trunc('milliseconds', clock_timestamp())`.mapWith(grants.createdAt),
      generation: serverState.generation,
      issuingStoppedAt: serverState.issuingStoppedAt,
    })
    .from(serverState);
  if (row === undefined) throw new Fault("the server's state is missing");
  return row;
}

/** Finds one grant. */
export async function findGrant(tx: Tx, grantId: string): Promise<Grant | undefined> {
  const [row] = await selectGrants(tx).where(eq(grants.id, grantId));
  return row && toGrant(row);
}

/** Finds the grant that a form or call made before. */
export async function findGrantByForm(tx: Tx, issuer: Issuer, formId: string): Promise<Grant | undefined> {
  if (issuer.id === null) return undefined;
  const [row] = await selectGrants(tx).where(
    and(eq(grants.issuerKind, issuer.kind), eq(grants.issuerId, issuer.id), eq(grants.formId, formId)),
  );
  return row && toGrant(row);
}

/** Lists the grants of a user that have not ended, those past their time too; of one method where it is named. */
export async function listOpenGrants(tx: Tx, userId: string, method?: Method): Promise<Grant[]> {
  const rows = await selectGrants(tx).where(
    and(
      eq(grants.userId, userId),
      isNull(grants.endedAt),
      method === undefined ? undefined : eq(grants.method, method),
    ),
  );
  return rows.map(toGrant);
}

/** How a grant ends. */
export interface Ending {
  as: GrantEnd;
  at: Date;
  by: string | null;
  reason: string | null;
  replacedById?: string;
}

/** Ends a grant unless it ended before. @returns whether this call ended it. */
export async function endGrant(tx: Tx, grantId: string, ending: Ending): Promise<boolean> {
  const ended = await tx
    .update(grants)
    .set({
      endedAt: ending.at,
      endedAs: ending.as,
      endedBy: ending.by,
      endReason: ending.reason,
      replacedById: ending.replacedById ?? null,
    })
    .where(and(eq(grants.id, grantId), isNull(grants.endedAt)))
    .returning({ id: grants.id });
  return ended.length === 1;
}

/** Closes spent grants of a user whose window is open, all or one. @returns those that this call closed. */
export async function updateClosed(
  tx: Tx,
  { userId, grantId }: { userId: string; grantId?: string },
): Promise<Pick<Grant, "id" | "method">[]> {
  return tx
    .update(grants)
    .set({ closedAt: sql`now()` })
    .where(
      and(
        eq(grants.userId, userId),
        grantId === undefined ? undefined : eq(grants.id, grantId),
        eq(grants.endedAs, "spent"),
        isNull(grants.closedAt),
        sql`${grants.expiresAt} > now()`,
      ),
    )
    .returning({ id: grants.id, method: grants.method });
}

/** Kills the live challenges of grants that end. Called before the grants' rows are touched, as whoever redeems does it. */
export async function endChallenges(tx: Tx, grantIds: readonly string[], reason: string): Promise<void> {
  if (grantIds.length === 0) return;
  await tx
    .update(challenge)
    .set({ endedAt: sql`now()`, endReason: reason })
    .where(
      and(inArray(challenge.grantId, [...grantIds]), isNull(challenge.spentAt), isNull(challenge.endedAt)),
    );
}

/** A grant to be written. */
export interface NewGrant {
  id: string;
  userId: string;
  method: Method;
  startsAt: Date;
  expiresAt: Date;
  usesMax: number | null;
  issuer: Issuer;
  reason: GrantReason;
  reasonNote: string | null;
  ticket: string | null;
  formId: string | null;
  policyVersion: number;
  generation: number;
}

/** Writes a grant. */
export async function insertGrant(tx: Tx, grant: NewGrant): Promise<void> {
  const { issuer, ...columnsOfGrant } = grant;
  await tx.insert(grants).values({
    ...columnsOfGrant,
    issuerKind: issuer.kind,
    issuerId: issuer.id,
    issuerLabel: issuer.label,
    createdAt: grant.startsAt,
  });
}

/** A slot that is made and issued in one act. */
export interface NewSlot {
  userId: string;
  kind: "once" | "reusable";
  generation: number;
  slotEpoch: Date;
  salt: Uint8Array;
  anchor: Uint8Array;
  issuedAt: Date;
}

/** Writes a slot as issued, with the user's next number: the caller holds the lock of `lockUser`. */
export async function insertIssuedSlot(tx: Tx, made: NewSlot): Promise<{ slotId: string; number: number }> {
  const [row] = await tx
    .insert(slot)
    .values({
      ...made,
      number: sql`(select coalesce(max(number), 0) + 1 from slot where user_id = ${made.userId})`,
      createdAt: made.issuedAt,
    })
    .returning({ slotId: slot.id, number: slot.number });
  if (row === undefined) throw new Fault("a slot was not made");
  return row;
}

/** The code of a grant to be written; a standard one's slot is there. */
export type NewCode = { grantId: string; salt: Uint8Array; anchor: Uint8Array } & (
  | { form: "standard"; slotId: string; expiryIndex: number; offlineExpiresAt: Date }
  | { form: "short"; keyId: string }
);

/** Writes a code. */
export async function insertCode(tx: Tx, code: NewCode): Promise<void> {
  await tx.insert(accessCode).values(code);
}

/** Takes up to `limit` grants past their time that nobody else is ending, oldest first, for the sweep to close. */
export async function lockOverdue(
  tx: Tx,
  limit: number,
): Promise<Pick<Grant, "id" | "userId" | "method" | "expiresAt">[]> {
  return tx
    .select({ id: grants.id, userId: grants.userId, method: grants.method, expiresAt: grants.expiresAt })
    .from(grants)
    .where(and(isNull(grants.endedAs), lte(grants.expiresAt, sql`now()`)))
    .orderBy(grants.expiresAt)
    .limit(limit)
    .for("update", { skipLocked: true });
}

/** The grant of a method that a user could use now: begun, not ended, not past its time. */
export async function findLiveGrant(
  tx: Tx,
  userId: string,
  channel: "sms" | "voice",
): Promise<Grant | undefined> {
  const [row] = await selectGrants(tx).where(
    and(
      eq(grants.userId, userId),
      eq(grants.method, channel),
      isNull(grants.endedAt),
      sql`${grants.startsAt} <= clock_timestamp() and ${grants.expiresAt} > clock_timestamp()`,
    ),
  );
  return row && toGrant(row);
}

/** A use that was counted. */
export interface Use extends Record<string, unknown> {
  id: string;
  user_id: string;
  method: Method;
  uses_count: number;
  uses_max: number | null;
  ended_as: GrantEnd | null;
}

/**
 * The expression that puts the job into the queue by which a user is told of `kind`, where a phone is known that does not
 * carry the secret. For the result of a statement, or what a data-modifying one returns: elsewhere it may not be run.
 */
export function noticeJob(kind: NoticeKind, userId: SQL, method: SQL, requestId: string): SQL {
  return sql`sparekey_enqueue_notice(${kind}, ${userId}, ${method}, ${requestId}) is null`;
}

/**
 * The statement that counts a use of a live grant, and ends it as spent by its last one: `UPDATE … RETURNING` with every
 * condition in it, so that of any number at once no more pass than there are uses, and none of a user who was disabled (access-code, "Online").
 * The user is told, by a job.
 * @param besides a further condition on the grant `g`.
 */
export function redeemStatement(grantId: SQL, requestId: string, besides: SQL = sql`true`): SQL {
  return sql`
    update grants g set uses_count = g.uses_count + 1, last_used_at = clock_timestamp(),
      ended_at = case when g.uses_count + 1 >= g.uses_max then clock_timestamp() end,
      ended_as = case when g.uses_count + 1 >= g.uses_max then 'spent' end
    where g.id = ${grantId} and g.ended_at is null and g.starts_at <= clock_timestamp() and g.expires_at > clock_timestamp()
      and (g.uses_max is null or g.uses_count < g.uses_max)
      and exists (select from users u where u.id = g.user_id and u.disabled_at is null) and ${besides}
    returning g.id, g.user_id, g.method, g.uses_count, g.uses_max, g.ended_as,
      ${noticeJob("access_used", sql`g.user_id`, sql`g.method`, requestId)} as told`;
}

import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { type EventRow, eventCtes } from "@/lib/audit/store";
import { subjectCte } from "@/lib/directory/store";
import { type Spend, spendCtes } from "@/lib/grants/code-store";
import { noticeJob, redeemStatement, type Use } from "@/lib/grants/store";
import type { Proof } from "@/lib/otp/digits";
import { judgementCtes } from "@/lib/otp/store";
import { Fault } from "@/lib/platform/outcome";
import { milliseconds } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { AttemptChannel, AttemptDoor, AttemptState, GoneReason, TakenAttempt } from "./model";

/** An attempt to be written. */
export interface NewAttempt {
  id: string;
  door: AttemptDoor;
  clientId: string | null;
  application: string | null;
  subjectName: string;
  subjectKey: string;
  browserDigest: Uint8Array | null;
  messageId: string | null;
  keepAttempt: boolean;
  sessionAttributes: string;
  timeoutSeconds: number;
}

const columns = sql`id, door, client_id, application, subject_name, subject_key, browser_digest, last_message_id, keep_attempt,
  session_attributes, expires_at`;

function toValues(row: NewAttempt): SQL {
  return sql`${row.id}::uuid, ${row.door}, ${row.clientId}::uuid, ${row.application}, ${row.subjectName}, ${row.subjectKey},
    ${row.browserDigest && Buffer.from(row.browserDigest)}::bytea, ${row.messageId}, ${row.keepAttempt}::boolean,
    ${row.sessionAttributes}, now() + make_interval(secs => ${row.timeoutSeconds}::int)`;
}

/** Writes an attempt and its event, for whomever the name leads to: one statement, the same for a name that nobody has. */
export async function insertAttempt(
  tx: Tx,
  row: NewAttempt,
  event: EventRow,
): Promise<{ userId: string | null; expiresAt: Date }> {
  const [made] = await tx.execute<{ user_id: string | null; expires: number }>(sql`
    with ${subjectCte(row.subjectName)},
    attempt as (
      insert into authn_attempt (${columns}, user_id)
      select ${toValues(row)}, (select id from subject where not disabled)
      returning user_id, expires_at
    ),
    ${eventCtes("begun", event, sql`(attempt left join subject on true)`, {
      userId: sql`subject.id`,
      details: sql`${event.details}::jsonb || jsonb_build_object('eligible', coalesce(not subject.disabled, false))`,
      userLabel: sql`(select display_name from subject)`,
    })}
    select user_id, ${milliseconds`expires_at`} as expires from attempt`);
  if (made === undefined) throw new Fault("an attempt was not made");
  return { userId: made.user_id, expiresAt: new Date(made.expires) };
}

/** Writes an open attempt in which an access code was presented already, and wrong or not judged. */
export async function insertTriedAttempt(tx: Tx, row: NewAttempt, codeWrongCount: number): Promise<void> {
  await tx.execute(sql`
    with ${subjectCte(row.subjectName)}
    insert into authn_attempt (${columns}, user_id, code_wrong_count)
    values (${toValues(row)}, (select id from subject where not disabled), ${codeWrongCount}::int)`);
}

/** How a right access code is spent where the attempt begins with it: as `spendCode` does, and the attempt is written as proved. */
export function spendInNewAttempt(row: NewAttempt): Spend {
  return async (tx, keys, grantId, event) => {
    const [use] = await tx.execute<Use>(sql`
      with ${spendCtes(keys, grantId, event)},
      attempt as (
        insert into authn_attempt (${columns}, user_id, state, ended_at, method, grant_id)
        select ${toValues(row)}, used.user_id, 'succeeded', now(), 'access_code', used.id from used
      )
      select * from used`);
    return use;
  };
}

/** Whose attempt it must be, as stored: a browser's, or a relying system's at this point of its messages. */
export type StoredHolder =
  | { kind: "browser"; digest: Uint8Array }
  | { kind: "client"; clientId: string; inResponseTo: string; nextMessageId: string }
  | { kind: "owner"; clientId: string };

function isOwnedBy(holder: StoredHolder): SQL {
  return holder.kind === "browser"
    ? sql`a.door = 'otp_page' and a.browser_digest = ${Buffer.from(holder.digest)}`
    : sql`a.door = 'authn_api' and a.client_id = ${holder.clientId}::uuid`;
}

function isHeldBy(holder: StoredHolder): SQL {
  return holder.kind === "client"
    ? sql`${isOwnedBy(holder)} and a.last_message_id = ${holder.inResponseTo}`
    : isOwnedBy(holder);
}

/** Why an attempt could not be taken up. */
export async function explainGone(tx: Tx, attemptId: string, holder: StoredHolder): Promise<GoneReason> {
  const [row] = await tx.execute<{ reason: GoneReason }>(sql`
    select case when not coalesce(${isOwnedBy(holder)}, false) then 'not_yours' when a.state <> 'open' then 'over'
      when a.expires_at <= now() then 'expired' else 'out_of_turn' end as reason
    from authn_attempt a where a.id = ${attemptId}::uuid`);
  return row?.reason ?? "unknown";
}

interface TakenRow extends Record<string, unknown> {
  id: string;
  user_id: string | null;
  subject_key: string;
  label: string | null;
}

/**
 * Takes up an open attempt, if it is the holder's and its time isn't over, and moves it on to the next message: of any
 * number who answer the same message one finds it. Whoever was disabled meanwhile is nobody from here on.
 */
export async function takeAttempt(
  tx: Tx,
  attemptId: string,
  holder: StoredHolder,
): Promise<TakenAttempt | undefined> {
  const next = holder.kind === "client" ? holder.nextMessageId : null;
  const [row] = await tx.execute<TakenRow>(sql`
    with attempt as (
      update authn_attempt a set last_message_id = coalesce(${next}, a.last_message_id)
      where a.id = ${attemptId}::uuid and a.state = 'open' and a.expires_at > now() and ${isHeldBy(holder)}
      returning a.id, a.user_id, a.subject_key
    )
    select attempt.id, subject_key, users.id as user_id, users.display_name as label
    from attempt left join users on users.id = attempt.user_id and users.disabled_at is null`);
  if (row === undefined) return undefined;
  return {
    id: row.id,
    userId: row.user_id,
    subjectKey: row.subject_key,
    userLabel: row.label,
  };
}

/** Whom an open attempt is of, if it is the holder's: a look without taking it up. Undefined where there is no such attempt. */
export async function peekAttempt(
  tx: Tx,
  attemptId: string,
  holder: StoredHolder,
): Promise<{ userId: string | null } | undefined> {
  const [row] = await tx.execute<{ user_id: string | null }>(sql`
    select user_id from authn_attempt a where a.id = ${attemptId}::uuid and a.state = 'open' and ${isHeldBy(holder)}`);
  return row && { userId: row.user_id };
}

/** What became of an OTP in an attempt. */
export interface OtpOutcome extends Record<string, unknown> {
  state: AttemptState;
  triesLeft: number;
  userId: string | null;
  /** The grant that was used, and how the digits had come; null unless `succeeded`. */
  grantId: string | null;
  method: AttemptChannel | null;
}

/**
 * Takes up an attempt as `takeAttempt` does, judges the digits, uses the grant, and ends the attempt or counts the wrong try:
 * one statement, so that all of it happens or nothing. The try that ends a text or call is told to the user, by a job. Undefined where
 * the attempt isn't the holder's, or isn't open.
 * @param event what is logged; kind, outcome, reason, user, grant and details are filled in by the statement:
 *   `grant.redeemed`, or `otp.judged` refused and, with the last try, `attempt.failed`.
 */
export async function judgeOtpInAttempt(
  tx: Tx,
  input: {
    attemptId: string;
    holder: StoredHolder;
    proofs: readonly Proof[];
    triesMax: number;
  },
  event: EventRow,
): Promise<OtpOutcome | undefined> {
  const { attemptId, holder, proofs, triesMax } = input;
  const next = holder.kind === "client" ? holder.nextMessageId : null;
  const method = sql`coalesce(v.channel, ${proofs[0]?.channel ?? null})`;
  const [row] = await tx.execute<OtpOutcome>(sql`
    with attempt as materialized (
      select a.id, u.id as user_id, u.display_name as label
      from authn_attempt a left join users u on u.id = a.user_id and u.disabled_at is null
      where a.id = ${attemptId}::uuid and a.state = 'open' and a.expires_at > now() and ${isHeldBy(holder)}
      for update of a
    ),
    ${judgementCtes({
      userId: sql`(select user_id from attempt)`,
      attemptId: sql`(select id from attempt)`,
      proofs,
    })},
    used as (${redeemStatement(sql`(select grant_id from verdict where reason is null)`, event.requestId)}),
    ended as (
      update authn_attempt a set last_message_id = coalesce(${next}, a.last_message_id),
        otp_wrong_count = a.otp_wrong_count + case when u.id is null then 1 else 0 end,
        state = case when u.id is not null then 'succeeded' when a.otp_wrong_count + 1 >= ${triesMax}::int then 'failed' else 'open' end,
        ended_at = case when u.id is not null or a.otp_wrong_count + 1 >= ${triesMax}::int then now() end,
        method = case when u.id is not null then v.channel end,
        grant_id = u.id
      from attempt t left join used u on true cross join verdict v
      where a.id = t.id
      returning a.state, greatest(${triesMax}::int - a.otp_wrong_count, 0) as tries_left, t.user_id, a.grant_id, a.method
    ),
    ${eventCtes(
      "said",
      event,
      sql`(
        select case e.state when 'succeeded' then 'grant.redeemed' else 'otp.judged' end as kind,
          case e.state when 'succeeded' then 'ok' else 'refused' end as outcome,
          case when e.state <> 'succeeded' then coalesce(v.reason, 'ended') end as reason,
          e.user_id, v.grant_id, jsonb_build_object('method', ${method}, 'challengeId', v.challenge_id, 'usesCount', (select uses_count from used)) as more
        from ended e, verdict v
        union all
        select 'attempt.failed', 'refused', 'no_tries_left', e.user_id, null, jsonb_build_object('method', ${method})
        from ended e, verdict v where e.state = 'failed'
      ) what`,
      {
        kind: sql`what.kind`,
        outcome: sql`what.outcome`,
        reason: sql`what.reason`,
        userId: sql`what.user_id`,
        grantId: sql`what.grant_id`,
        details: sql`${event.details}::jsonb || jsonb_strip_nulls(what.more)`,
        userLabel: sql`(select label from attempt)`,
      },
    )}
    select state, tries_left as "triesLeft", user_id as "userId", grant_id as "grantId", method,
      case when exists (select from wrong where tries_left <= 0)
        then ${noticeJob("failures_burst", sql`user_id`, sql`(select min(channel) from wrong where tries_left <= 0)`, event.requestId)} end as told
    from ended`);
  return row;
}

/**
 * How a right access code is spent in an attempt: as `spendCode` does, and the attempt ends as proved with it. An attempt that
 * isn't open any more spends nothing.
 */
export function spendInAttempt(attemptId: string): Spend {
  return async (tx, keys, grantId, event) => {
    const [use] = await tx.execute<Use>(sql`
      with attempt as materialized (
        select a.id from authn_attempt a
        where a.id = ${attemptId}::uuid and a.state = 'open' and a.expires_at > now() for update
      ),
      ${spendCtes(keys, grantId, event, sql`exists (select from attempt)`)},
      ended as (
        update authn_attempt a set state = 'succeeded', ended_at = now(), method = 'access_code', grant_id = used.id
        from attempt, used where a.id = attempt.id
      )
      select * from used`);
    return use;
  };
}

/**
 * Counts a wrong access code against an open attempt, and ends it as failed by the last one.
 * @param triesMax in the whole attempt.
 */
export async function countWrongCode(
  tx: Tx,
  attemptId: string,
  triesMax: number,
  event: EventRow,
): Promise<{ state: AttemptState; triesLeft: number } | undefined> {
  const [row] = await tx.execute<{ state: AttemptState; tries_left: number }>(sql`
    with attempt as (
      update authn_attempt a set code_wrong_count = a.code_wrong_count + 1,
        state = case when a.code_wrong_count + 1 >= ${triesMax}::int then 'failed' else 'open' end,
        ended_at = case when a.code_wrong_count + 1 >= ${triesMax}::int then now() end
      where a.id = ${attemptId}::uuid and a.state = 'open'
      returning a.state, greatest(${triesMax}::int - a.code_wrong_count, 0) as tries_left
    ), ${eventCtes("failed", event, sql`attempt where state = 'failed'`)}
    select state, tries_left from attempt`);
  return row && { state: row.state, triesLeft: row.tries_left };
}

/** Ends an attempt as cancelled. */
export async function setCancelled(tx: Tx, attemptId: string): Promise<void> {
  await tx.execute(sql`
    update authn_attempt set state = 'cancelled', ended_at = now() where id = ${attemptId}::uuid and state = 'open'`);
}

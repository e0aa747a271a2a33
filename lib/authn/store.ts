import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { type EventRow, eventCtes } from "@/lib/audit/store";
import { subjectCte } from "@/lib/directory/store";
import { type Spend, spendCtes } from "@/lib/grants/code-store";
import { redeemStatement, type Use } from "@/lib/grants/store";
import type { Proof } from "@/lib/otp/digits";
import { judgementCtes } from "@/lib/otp/store";
import { Fault } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type {
  AttemptChannel,
  AttemptDoor,
  AttemptMethod,
  AttemptState,
  GoneReason,
  TakenAttempt,
} from "./model";

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
    select user_id, extract(epoch from expires_at)::float8 * 1000 as expires from attempt`);
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
  door: AttemptDoor;
  user_id: string | null;
  subject_key: string;
  subject_name: string;
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
      returning a.id, a.door, a.user_id, a.subject_key, a.subject_name
    )
    select attempt.id, door, subject_key, subject_name, users.id as user_id, users.display_name as label
    from attempt left join users on users.id = attempt.user_id and users.disabled_at is null`);
  if (row === undefined) return undefined;
  return {
    id: row.id,
    door: row.door,
    userId: row.user_id,
    subjectKey: row.subject_key,
    subjectName: row.subject_name,
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
 * one statement, so that all of it happens or nothing. Undefined where the attempt isn't the holder's, or isn't open.
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
    select state, tries_left as "triesLeft", user_id as "userId", grant_id as "grantId", method from ended`);
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
 * Counts a wrong try against an open attempt, and ends it as failed by the last one.
 * @param triesMax of OTPs since the last text or call, or of access codes in the whole attempt.
 */
export async function countWrong(
  tx: Tx,
  attemptId: string,
  method: AttemptMethod,
  triesMax: number,
  event: EventRow,
): Promise<{ state: AttemptState; triesLeft: number } | undefined> {
  const count = sql.identifier(method === "access_code" ? "code_wrong_count" : "otp_wrong_count");
  const [row] = await tx.execute<{ state: AttemptState; tries_left: number }>(sql`
    with attempt as (
      update authn_attempt a set ${count} = a.${count} + 1,
        state = case when a.${count} + 1 >= ${triesMax}::int then 'failed' else 'open' end,
        ended_at = case when a.${count} + 1 >= ${triesMax}::int then now() end
      where a.id = ${attemptId}::uuid and a.state = 'open'
      returning a.state, greatest(${triesMax}::int - a.${count}, 0) as tries_left
    ), ${eventCtes("failed", event, sql`attempt where state = 'failed'`)}
    select state, tries_left from attempt`);
  return row && { state: row.state, triesLeft: row.tries_left };
}

/** Ends an attempt as cancelled. */
export async function setCancelled(tx: Tx, attemptId: string): Promise<void> {
  await tx.execute(sql`
    update authn_attempt set state = 'cancelled', ended_at = now() where id = ${attemptId}::uuid and state = 'open'`);
}

/** Makes whoever else asks in this name wait until this transaction ends. */
export async function lockSubject(tx: Tx, subjectKey: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`ask/${subjectKey}`}, 0))`);
}

/** How long ago each text or call of the last day was asked for in this name, and whether by this attempt and channel. */
export async function listAsks(
  tx: Tx,
  subjectKey: string,
  attemptId: string,
  channel: AttemptChannel,
): Promise<{ ageSeconds: number; same: boolean }[]> {
  const rows = await tx.execute<{ age: number; same: boolean }>(sql`
    select extract(epoch from now() - asked_at)::float8 as age, attempt_id = ${attemptId}::uuid and channel = ${channel} as same
    from channel_ask where subject_key = ${subjectKey} and asked_at > now() - interval '1 day' and forgiven_at is null order by asked_at desc nulls last`);
  return rows.map((row) => ({ ageSeconds: row.age, same: row.same }));
}

/** Notes that a text or call was asked for, for the job to take up; wrong OTPs count anew. */
export async function insertAsk(
  tx: Tx,
  ask: { id: string; attempt: TakenAttempt; channel: AttemptChannel },
): Promise<void> {
  await tx.execute(sql`
    with attempt as (
      update authn_attempt set channel = ${ask.channel}, channel_asked_at = now(), otp_wrong_count = 0
      where id = ${ask.attempt.id}::uuid
    )
    insert into channel_ask (id, attempt_id, subject_key, channel)
    values (${ask.id}::uuid, ${ask.attempt.id}::uuid, ${ask.attempt.subjectKey}, ${ask.channel})`);
}

/** What a job needs to know of who asked for a text or a call. */
export interface OpenAsk {
  attemptId: string;
  door: AttemptDoor;
  channel: AttemptChannel;
  /** null: nobody of that name, or not eligible. */
  userId: string | null;
  /** Whether the attempt is still open. */
  open: boolean;
}

/** Takes up an ask that nobody has taken up. The caller says in the same transaction what came of it. */
export async function takeAsk(tx: Tx, askId: string): Promise<OpenAsk | undefined> {
  const [row] = await tx.execute<{
    attempt_id: string;
    door: AttemptDoor;
    channel: AttemptChannel;
    user_id: string | null;
    open: boolean;
  }>(sql`
    select a.id as attempt_id, a.door, k.channel, a.user_id, a.state = 'open' and a.expires_at > now() as open
    from channel_ask k join authn_attempt a on a.id = k.attempt_id
    where k.id = ${askId}::uuid and k.handled_at is null for update of k`);
  return (
    row && {
      attemptId: row.attempt_id,
      door: row.door,
      channel: row.channel,
      userId: row.user_id,
      open: row.open,
    }
  );
}

/** Says what came of an ask. */
export async function setAskOutcome(tx: Tx, askId: string, outcome: string): Promise<void> {
  await tx.execute(
    sql`update channel_ask set handled_at = now(), outcome = ${outcome} where id = ${askId}::uuid and handled_at is null`,
  );
}

/** What the holder of an attempt may see of it. */
export interface AttemptRow {
  id: string;
  subjectName: string;
  application: string | null;
  state: AttemptState | "expired";
  channel: AttemptChannel | null;
  channelAgeSeconds: number | null;
  method: AttemptMethod | null;
  userId: string | null;
  userLabel: string | null;
  expiresAt: Date;
}

/** Reads the attempt of a browser. */
export async function findAttempt(
  tx: Tx,
  attemptId: string,
  digest: Uint8Array,
): Promise<AttemptRow | undefined> {
  const [row] = await tx.execute<{
    subject_name: string;
    application: string | null;
    state: AttemptState | "expired";
    channel: AttemptChannel | null;
    channel_age: number | null;
    method: AttemptMethod | null;
    user_id: string | null;
    label: string | null;
    expires: number;
  }>(sql`
    select subject_name, application, case when state = 'open' and expires_at <= now() then 'expired' else state end as state, channel,
      extract(epoch from now() - channel_asked_at)::float8 as channel_age, method,
      case when state = 'succeeded' then user_id end as user_id,
      case when state = 'succeeded' then (select display_name from users where users.id = user_id) end as label,
      extract(epoch from expires_at)::float8 * 1000 as expires
    from authn_attempt a
    where a.id = ${attemptId}::uuid and a.door = 'otp_page' and a.browser_digest = ${Buffer.from(digest)}`);
  return (
    row && {
      id: attemptId,
      subjectName: row.subject_name,
      application: row.application,
      state: row.state,
      channel: row.channel,
      channelAgeSeconds: row.channel_age,
      method: row.method,
      userId: row.user_id,
      userLabel: row.label,
      expiresAt: new Date(row.expires),
    }
  );
}

/** Who succeeded in an attempt, by what, and when. */
export interface ProvenAttempt {
  userId: string;
  displayName: string;
  method: AttemptMethod;
  grantId: string;
  provenAt: Date;
}

/** Hands out, once, who succeeded in an attempt of this browser for `application`, if that is at most so long ago. */
export async function consumeSucceeded(
  tx: Tx,
  attemptId: string,
  digest: Uint8Array,
  application: string,
  ageSecondsMax: number,
): Promise<ProvenAttempt | undefined> {
  const [row] = await tx.execute<{
    user_id: string;
    label: string;
    method: AttemptMethod;
    grant_id: string;
    proven: number;
  }>(sql`
    update authn_attempt a set read_at = now()
    from users
    where a.id = ${attemptId}::uuid and a.door = 'otp_page' and a.browser_digest = ${Buffer.from(digest)}
      and a.application = ${application} and a.state = 'succeeded' and a.read_at is null
      and a.ended_at > now() - make_interval(secs => ${ageSecondsMax}::int)
      and users.id = a.user_id and users.disabled_at is null
    returning a.user_id, users.display_name as label, a.method, a.grant_id, extract(epoch from a.ended_at)::float8 * 1000 as proven`);
  return (
    row && {
      userId: row.user_id,
      displayName: row.label,
      method: row.method,
      grantId: row.grant_id,
      provenAt: new Date(row.proven),
    }
  );
}

/** What `status` answers. */
export interface CollectedAttempt {
  state: AttemptState | "expired";
  subjectName: string;
  method: AttemptMethod | null;
  sessionAttributes: string;
  expiresAt: Date;
}

/** Hands out what became of a kept attempt to the relying system whose it is: once when it is over, any time before. */
export async function collectAttempt(
  tx: Tx,
  attemptId: string,
  clientId: string,
): Promise<CollectedAttempt | undefined> {
  const [row] = await tx.execute<{
    state: AttemptState | "expired";
    subject_name: string;
    method: AttemptMethod | null;
    session_attributes: string;
    expires: number;
  }>(sql`
    update authn_attempt a set read_at = case when state <> 'open' or expires_at <= now() then now() end
    where a.id = ${attemptId}::uuid and a.door = 'authn_api' and a.client_id = ${clientId}::uuid and a.keep_attempt and a.read_at is null
    returning case when state = 'open' and expires_at <= now() then 'expired' else state end as state, subject_name, method,
      session_attributes, extract(epoch from expires_at)::float8 * 1000 as expires`);
  return (
    row && {
      state: row.state,
      subjectName: row.subject_name,
      method: row.method,
      sessionAttributes: row.session_attributes,
      expiresAt: new Date(row.expires),
    }
  );
}

/** Deletes up to `limit` attempts whose time was over `keptSeconds` ago, with what was asked for in them. */
export async function deleteOldAttempts(tx: Tx, keptSeconds: number, limit: number): Promise<number> {
  const rows = await tx.execute(sql`
    delete from authn_attempt where id in (
      select id from authn_attempt where expires_at < now() - make_interval(secs => ${keptSeconds}::int) limit ${limit}::int
      for update skip locked
    ) returning 1`);
  return rows.length;
}

/** Asks that nobody took up for so long and that have no job, or one that a dead worker holds. */
export async function listForgottenAsks(tx: Tx, olderThanSeconds: number): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from channel_ask
    where handled_at is null and asked_at < now() - make_interval(secs => ${olderThanSeconds}::float8)
      and not sparekey_has_job('answer-ask/' || id, make_interval(secs => ${olderThanSeconds}::float8))
    order by asked_at limit 1000`);
  return rows.map((row) => row.id);
}

import "server-only";
import { type SQL, sql } from "drizzle-orm";
import type { Channel } from "@/lib/delivery/model";
import { Fault } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type { Proof } from "./digits";

/** Whether the number of delivery `d` is still the user's of challenge `c`, and not held: asked by whatever sends or judges its digits. */
const isStillTheirs = sql`exists (
  select from user_phone p where p.user_id = c.user_id and p.channel = c.channel and p.e164 = d.to_e_164
    and (p.held_until is null or p.held_until <= now()))`;

/** Whose digits are judged. Each may be an expression of the statement that the judgement is part of. */
export interface JudgementInput {
  userId: SQL;
  attemptId: SQL;
  /** What was sent by other channels than these isn't in question. */
  proofs: readonly Proof[];
}

/**
 * The common table expressions that judge the digits an attempt presents, spend the challenge or count the wrong try, and end
 * in `verdict (reason, grant_id, challenge_id, channel)`, one row: `reason` is null where they were right, else an
 * `OtpRefusal`. For the one statement that also uses the grant, ends the attempt and writes the events.
 *
 * - In question are the attempt's own live challenge and one that the desk sent for a live grant of the user. The latter
 *   belongs from then on to the attempt that presents it.
 * - Right digits spend the challenge by a conditional UPDATE: of any number of right answers at once one finds it unspent,
 *   the others wait for its row and then find it spent.
 * - Wrong digits count against every challenge they were compared with; the last try kills it (`tried_out`).
 * - Digits that went to a number which was changed or taken away since, by whomever, or is held, open nothing.
 * - Nobody there (`user_id` null) takes the same statement, and comes to `none`.
 * - HMACs are compared by equality: whoever measures how many bytes agree learns about a value that needs our key to make.
 *
 * See limits, "SMS/voice OTP", "OTP wrong tries"; access-code, "OTP by SMS or voice"; ASVS 6.5.1, 6.6.3.
 */
export function judgementCtes(input: JudgementInput): SQL {
  const proofs = sql.join(
    input.proofs.map(
      (p) => sql`(${p.channel}::text, ${p.keyId}::text, ${p.innerPad}::bytea, ${p.outerPad}::bytea)`,
    ),
    sql`, `,
  );
  return sql`
    proof (channel, key_id, inner_pad, outer_pad) as (values ${proofs}),
    candidate as materialized (
      select c.id, c.grant_id, c.attempt_id, c.channel, c.created_at, c.spent_at, c.end_reason,
        c.spent_at is null and c.ended_at is null and c.expires_at > now() and c.code_hmac is not null and g.live
          and not exists (select from delivery d where d.challenge_id = c.id and not ${isStillTheirs}) as live,
        coalesce(c.code_hmac = sha256(p.outer_pad || sha256(p.inner_pad || uuid_send(c.id))), false) as matches,
        c.expires_at <= now() or not g.live as is_over
      from challenge c
      join lateral (
        select ended_at is null and starts_at <= now() and expires_at > now() as live from grants where id = c.grant_id
      ) g on true
      left join proof p on p.channel = c.channel and p.key_id = c.key_id
      where c.user_id = ${input.userId} and c.channel in (select channel from proof) and c.created_at > now() - interval '1 hour'
        and (c.attempt_id = ${input.attemptId} or c.attempt_id is null)
    ),
    spent as (
      update challenge c set spent_at = now(), attempt_id = ${input.attemptId}
      where c.id = (select id from candidate where live and matches limit 1)
        and c.spent_at is null and c.ended_at is null and c.expires_at > now()
      returning c.id, c.grant_id, c.channel
    ),
    wrong as (
      update challenge c set wrong_count = c.wrong_count + 1,
        ended_at = case when c.wrong_count + 1 >= c.tries_max then now() end,
        end_reason = case when c.wrong_count + 1 >= c.tries_max then 'tried_out' end
      where c.id in (select id from candidate where live) and not exists (select from candidate where live and matches)
        and c.spent_at is null and c.ended_at is null and c.expires_at > now()
      returning c.id, c.channel, c.tries_max - c.wrong_count as tries_left
    ),
    newest as (
      select * from candidate order by live desc, attempt_id is null, created_at desc limit 1
    ),
    verdict as (
      select
        case
          when s.id is not null then null
          when n.id is null then 'none'
          when n.live and exists (select from candidate where live and matches) then 'spent'
          when n.live and coalesce((select max(tries_left) from wrong), 1) > 0 then 'wrong'
          when n.live or n.end_reason = 'tried_out' then 'tried_out'
          when n.spent_at is not null then 'spent'
          when n.end_reason is null and n.is_over then 'expired'
          else 'none'
        end as reason,
        coalesce(s.grant_id, n.grant_id) as grant_id,
        coalesce(s.id, n.id) as challenge_id,
        coalesce(s.channel, n.channel) as channel
      from (select) nothing left join newest n on true left join spent s on true
    )`;
}

/** What is known of a recipient who asks. */
export interface AskFacts extends Record<string, unknown> {
  /** The user's number for the channel; null: none. */
  e164: string | null;
  /** Whether it is held back because it was changed lately. */
  isHeld: boolean;
  /** Whether the grant is one that the user was given without the desk. */
  isSelfService: boolean;
  /** How many seconds ago this attempt, or the desk for this grant, last asked for this channel; null: never, or long ago. */
  lastAskedSeconds: number | null;
}

/** What is known of a recipient who asks for a channel. */
export async function readAskFacts(
  tx: Tx,
  asked: { userId: string; grantId: string; channel: Channel; attemptId: string | null },
): Promise<AskFacts> {
  const { userId, grantId, channel, attemptId } = asked;
  const [row] = await tx.execute<AskFacts>(sql`
    select p.e164, coalesce(p.held_until > now(), false) as "isHeld",
      coalesce((select issuer_kind = 'user' from grants where id = ${grantId}::uuid), false) as "isSelfService",
      (select extract(epoch from clock_timestamp() - max(created_at))::float8 from challenge
        where user_id = ${userId}::uuid and channel = ${channel} and created_at > now() - interval '1 hour'
          and ${attemptId === null ? sql`attempt_id is null and grant_id = ${grantId}::uuid` : sql`attempt_id = ${attemptId}::uuid`}
      ) as "lastAskedSeconds"
    from (select) nothing left join user_phone p on p.user_id = ${userId}::uuid and p.channel = ${channel}`);
  if (row === undefined) throw new Fault("facts are always one row");
  return row;
}

/** A challenge before it exists. */
export interface NewChallenge {
  id: string;
  grantId: string;
  userId: string;
  channel: Channel;
  attemptId: string | null;
  ttlSeconds: number;
  triesMax: number;
}

/** Adds a challenge in place of the earlier one of the same attempt and channel, or of the desk's for the same grant; answers when it expires. */
export async function insertChallenge(tx: Tx, challenge: NewChallenge): Promise<Date> {
  const { id, grantId, userId, channel, attemptId, ttlSeconds, triesMax } = challenge;
  const [row] = await tx.execute<{ expiresAtMs: number }>(sql`
    with ended as (
      update challenge set ended_at = now(), end_reason = case when expires_at > now() then 'resent' else 'expired' end
      where spent_at is null and ended_at is null
        and ${attemptId === null ? sql`attempt_id is null and grant_id = ${grantId}::uuid` : sql`attempt_id = ${attemptId}::uuid and channel = ${channel}`}
      returning id
    )
    insert into challenge (id, grant_id, user_id, channel, attempt_id, tries_max, expires_at)
    select ${id}::uuid, ${grantId}::uuid, ${userId}::uuid, ${channel}, ${attemptId}::uuid, ${triesMax}::int,
      now() + make_interval(secs => ${ttlSeconds}::float8)
    -- Counted, so that the earlier one is out of the unique index before this one comes into it.
    from (select count(*) from ended) earlier
    returning (extract(epoch from expires_at) * 1000)::float8 as "expiresAtMs"`);
  return new Date(row?.expiresAtMs ?? Number.NaN);
}

/** Whether the desk had digits sent for a grant by `channel` less than `seconds` ago, which are good for whoever gets them and may still arrive. */
export async function isDeskOtpComing(
  tx: Tx,
  of: { grantId: string; channel: Channel },
  seconds: number,
): Promise<boolean> {
  const rows = await tx.execute(sql`
    select from challenge c join delivery d on d.challenge_id = c.id
    where c.grant_id = ${of.grantId}::uuid and c.created_at > now() - make_interval(secs => ${seconds}::float8)
      and c.channel = ${of.channel} and c.attempt_id is null and c.spent_at is null and c.ended_at is null and c.expires_at > now()
      and d.state <> 'failed' and ${isStillTheirs}`);
  return rows.length > 0;
}

/** An OTP that waits for the worker. */
export interface WaitingOtp extends Record<string, unknown> {
  challengeId: string;
  userId: string;
  channel: Channel;
  toE164: string;
  language: string;
  /** The user's groups, by name. */
  groups: string[];
  /** Whole seconds that the code has left. */
  secondsLeft: number;
  /** Whether the challenge was ended, by a resend for instance. */
  isEnded: boolean;
  /** Whether the grant is within its window and its user may sign in. */
  isGrantLive: boolean;
  /** Whether the number is still the user's, and not held. */
  isStillTheirs: boolean;
  /** How often it was handed over so far. */
  attempts: number;
}

/** The OTP of a delivery in *queued*; undefined for everything else. */
export async function findWaiting(tx: Tx, deliveryId: string): Promise<WaitingOtp | undefined> {
  const [row] = await tx.execute<WaitingOtp>(sql`
    select c.id as "challengeId", c.user_id as "userId", d.channel, d.to_e_164 as "toE164", d.language, d.attempts,
      floor(extract(epoch from c.expires_at - now()))::int as "secondsLeft",
      c.ended_at is not null or c.spent_at is not null as "isEnded",
      g.ended_at is null and g.expires_at > now() and u.disabled_at is null as "isGrantLive",
      ${isStillTheirs} as "isStillTheirs",
      array(select group_name from user_group where user_id = u.id) as groups
    from delivery d join challenge c on c.id = d.challenge_id join grants g on g.id = c.grant_id join users u on u.id = g.user_id
    where d.id = ${deliveryId}::uuid and d.purpose = 'otp' and d.state = 'queued'`);
  return row;
}

/**
 * Takes a queued OTP to send it, and commits what its digits are judged by: one conditional UPDATE from *queued*, so that of
 * any number of workers one holds it, and only while the number is the user's. `isDrawn` is false where the challenge ended at that very moment.
 */
export async function claimOtp(
  tx: Tx,
  claim: { deliveryId: string; challengeId: string; codeHmac: Uint8Array; keyId: string },
): Promise<{ isDrawn: boolean } | undefined> {
  const [row] = await tx.execute<{ isDrawn: boolean }>(sql`
    with held as (
      update delivery d set state = 'sending', sending_at = now(), attempts = attempts + 1, failure = null
      from challenge c join grants g on g.id = c.grant_id
      where d.id = ${claim.deliveryId}::uuid and d.state = 'queued' and d.challenge_id = c.id
        and c.ended_at is null and c.spent_at is null and c.expires_at > now() and g.ended_at is null and g.expires_at > now()
        and ${isStillTheirs}
      returning d.challenge_id
    ),
    drawn as (
      update challenge c set code_hmac = ${Buffer.from(claim.codeHmac)}::bytea, key_id = ${claim.keyId}
      from held where c.id = held.challenge_id and c.ended_at is null and c.spent_at is null
      returning c.id
    )
    select exists (select from drawn) as "isDrawn" from held`);
  return row;
}

/** Ends a challenge whose digits nobody got. */
export async function endUnsent(tx: Tx, challengeId: string): Promise<void> {
  await tx.execute(sql`
    update challenge set ended_at = now(), end_reason = 'not_sent'
    where id = ${challengeId}::uuid and ended_at is null and spent_at is null`);
}

/** Deletes up to `limit` challenges whose time was over `keptSeconds` ago. */
export async function deleteOldChallenges(tx: Tx, keptSeconds: number, limit: number): Promise<number> {
  const rows = await tx.execute(sql`
    delete from challenge where id in (
      select id from challenge where expires_at < now() - make_interval(secs => ${keptSeconds}::int) limit ${limit}::int
      for update skip locked
    ) returning 1`);
  return rows.length;
}

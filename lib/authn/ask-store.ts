import "server-only";
import { sql } from "drizzle-orm";
import { milliseconds, textArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { EarlierAsk } from "./ask-limits";
import type { AttemptChannel, AttemptDoor, TakenAttempt } from "./model";

/** Makes whoever else asks in this name wait until this transaction ends. */
export async function lockSubject(tx: Tx, subjectKey: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`ask/${subjectKey}`}, 0))`);
}

/** The texts and calls of the last ten minutes that were asked for in this name, and whether by this attempt and channel. */
export async function listAsks(
  tx: Tx,
  subjectKey: string,
  attemptId: string,
  channel: AttemptChannel,
): Promise<(EarlierAsk & { same: boolean })[]> {
  return [
    ...(await tx.execute<EarlierAsk & { same: boolean }>(sql`
      select extract(epoch from now() - asked_at)::float8 as "ageSeconds", source_key as "sourceKey",
        attempt_id = ${attemptId}::uuid and channel = ${channel} as same
      from channel_ask where subject_key = ${subjectKey} and asked_at > now() - interval '10 minutes' and forgiven_at is null
      order by asked_at desc nulls last`)),
  ];
}

/** Notes that a text or call was asked for, for the job to take up; wrong OTPs count anew. */
export async function insertAsk(
  tx: Tx,
  ask: { id: string; attempt: TakenAttempt; sourceKey: string; channel: AttemptChannel },
): Promise<void> {
  await tx.execute(sql`
    with attempt as (
      update authn_attempt set channel = ${ask.channel}, channel_asked_at = now(), otp_wrong_count = 0
      where id = ${ask.attempt.id}::uuid
    )
    insert into channel_ask (id, attempt_id, subject_key, source_key, channel)
    values (${ask.id}::uuid, ${ask.attempt.id}::uuid, ${ask.attempt.subjectKey}, ${ask.sourceKey}, ${ask.channel})`);
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

/** Asks that nobody took up for so long and that have no job, or one that a dead worker holds. */
export async function listForgottenAsks(tx: Tx, olderThanSeconds: number): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from channel_ask
    where handled_at is null and asked_at < now() - make_interval(secs => ${olderThanSeconds}::float8)
      and not sparekey_has_job('answer-ask/' || id, make_interval(secs => ${olderThanSeconds}::float8))
    order by asked_at limit 1000`);
  return rows.map((row) => row.id);
}

/** A text or call that was asked for in somebody's name, and not sent. */
export interface RefusedAsk extends Record<string, unknown> {
  id: string;
  channel: AttemptChannel;
  askedAtMs: number;
  outcome: string;
}

/** What was asked for in one of these names within `seconds`, and not sent: the newest three. */
export async function listRefused(
  tx: Tx,
  subjectKeys: readonly string[],
  seconds: number,
): Promise<RefusedAsk[]> {
  return tx.execute<RefusedAsk>(sql`
    select id, channel, ${milliseconds`asked_at`} as "askedAtMs", outcome
    from channel_ask
    where subject_key = any(${textArray(subjectKeys)}) and asked_at > now() - make_interval(secs => ${seconds}::int)
      and outcome <> 'sent'
    order by asked_at desc nulls last limit 3`);
}

import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { type EventRow, eventCtes } from "@/lib/audit/store";
import { subjectCte } from "@/lib/directory/store";
import { Fault } from "@/lib/platform/outcome";
import { milliseconds } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { CodeForm, Policy } from "@/lib/policy/model";
import type { Grant, GrantEnd } from "./model";
import { noticeJob, redeemStatement, type Use } from "./store";

/** Who tries, and from where: HMACs, so that what is counted doesn't say who exists. */
export interface TryKeys {
  readonly subjectKey: string;
  readonly sourceKey: string;
}

/** A code of the user that a typed one may be. */
export interface Candidate {
  readonly grantId: string;
  readonly salt: Uint8Array;
  readonly anchor: Uint8Array;
  /** Of a short code: the server key of its HMAC. */
  readonly keyId: string | null;
  /** Of a standard code. */
  readonly slot: { readonly epoch: Date; readonly expiryIndex: number } | null;
  /** null: not ended. */
  readonly endedAs: GrantEnd | null;
  /** By the database's clock at the statement. */
  readonly isOver: boolean;
}

/** Whose code it is said to be: a user already looked up, null for nobody; or a name, looked up with the rest. */
export type Claimant =
  | { readonly userId: string | null; readonly userLabel?: string | null }
  | { readonly subjectName: string };

/** What is known before a code is judged. */
export interface BeforeTry {
  /** null: nobody of that name, or nobody who may sign in. */
  readonly userId: string | null;
  readonly userLabel: string | null;
  readonly now: Date;
  /** How long this subject must wait at this source; 0: not at all. */
  readonly waitSeconds: number;
  /** The user's two newest codes of the form, the newest first. */
  readonly candidates: readonly Candidate[];
}

interface BeforeRow extends Record<string, unknown> {
  user_id: string | null;
  user_label: string | null;
  now: number;
  wait: number | null;
  grant_id: string | null;
  salt: Buffer;
  anchor: Buffer;
  key_id: string | null;
  epoch: number | null;
  expiry_index: number | null;
  ended_as: GrantEnd | null;
  is_over: boolean;
}

function claimantCte(claimant: Claimant): SQL {
  return "subjectName" in claimant
    ? sql`${subjectCte(claimant.subjectName)}, claimant as (select id, display_name from subject where not disabled)`
    : sql`claimant as (select ${claimant.userId}::uuid as id, ${claimant.userLabel ?? null}::text as display_name)`;
}

/** Reads what a try is judged by, in one statement that is the same for a user who doesn't exist. */
export async function readBeforeTry(
  tx: Tx,
  keys: TryKeys,
  claimant: Claimant,
  form: CodeForm | null,
): Promise<BeforeTry> {
  const rows = await tx.execute<BeforeRow>(sql`
    with ${claimantCte(claimant)}
    select ${milliseconds`clock_timestamp()`} as now, extract(epoch from t.back_off_until - clock_timestamp())::float8 as wait,
      u.id as user_id, u.display_name as user_label, c.*
    from (select) nothing
    left join claimant u on true
    left join throttle t on t.subject_key = ${keys.subjectKey} and t.source_key = ${keys.sourceKey}
    left join lateral (
      select g.id as grant_id, a.salt, a.anchor, a.key_id, ${milliseconds`s.slot_epoch`} as epoch, a.expiry_index, g.ended_as,
        g.expires_at <= clock_timestamp() as is_over
      from grants g join access_code a on a.grant_id = g.id left join slot s on s.id = a.slot_id
      where g.user_id = u.id and g.method = 'access_code' and a.form = ${form}::text
      order by g.created_at desc nulls last, g.id limit 2
    ) c on true`);
  const [first] = rows;
  return {
    userId: first?.user_id ?? null,
    userLabel: first?.user_label ?? null,
    now: new Date(first?.now ?? Number.NaN),
    waitSeconds: Math.max(0, first?.wait ?? 0),
    candidates: rows.flatMap(({ grant_id, epoch, expiry_index, ...row }) =>
      grant_id === null
        ? []
        : {
            grantId: grant_id,
            salt: row.salt,
            anchor: row.anchor,
            keyId: row.key_id,
            slot:
              epoch === null || expiry_index === null
                ? null
                : { epoch: new Date(epoch), expiryIndex: expiry_index },
            endedAs: row.ended_as,
            isOver: row.is_over,
          },
    ),
  };
}

/**
 * The common table expressions that spend a use of the grant, forget the wrong tries and write the event `redeemed`; `used` is
 * what `redeemStatement` finds. For a statement that does more with the use; `spendCode` is the plain one.
 * Whoever began to wait meanwhile has no use of it: a right code among many guesses at once comes too late.
 * @param besides a further condition of the statement.
 */
export function spendCtes(keys: TryKeys, grantId: string, event: EventRow, besides: SQL = sql`true`): SQL {
  const isThisThrottle = sql`t.subject_key = ${keys.subjectKey} and t.source_key = ${keys.sourceKey}`;
  const mayTry = sql`not exists (select from throttle t where ${isThisThrottle} and t.back_off_until > clock_timestamp())`;
  return sql`
    used as (${redeemStatement(sql`${grantId}::uuid`, event.requestId, sql`${mayTry} and ${besides}`)}),
    forgotten as (delete from throttle t where ${isThisThrottle} and exists (select from used)),
    forgiven as (
      update access_code a set wrong_count = 0 where a.grant_id = (select id from used) and a.wrong_count > 0
    ),
    ${eventCtes("redeemed", event, sql`used`, {
      details: sql`${event.details}::jsonb || jsonb_build_object('usesCount', used.uses_count)`,
    })}`;
}

/**
 * How a use is spent once a code was judged right: one statement, all of it or nothing.
 * Undefined where the grant gives no use (any more).
 */
export type Spend = (tx: Tx, keys: TryKeys, grantId: string, event: EventRow) => Promise<Use | undefined>;

/** Spends a use of the grant, forgets the wrong tries and writes the event. */
export const spendCode: Spend = async (tx, keys, grantId, event) => {
  const [use] = await tx.execute<Use>(sql`with ${spendCtes(keys, grantId, event)} select * from used`);
  return use;
};

/**
 * Takes one of the few tries of the user's live short code before it is judged, so that no more than those are ever judged,
 * however many come at once.
 * @returns The grant whose try was taken; undefined where there is no live short code, or no try left.
 */
export async function claimShortTry(
  tx: Tx,
  userId: string | null,
  triesMax: number,
): Promise<string | undefined> {
  const [row] = await tx.execute<{ grant_id: string }>(sql`
    update access_code a set wrong_count = a.wrong_count + 1, tried_at = clock_timestamp() from grants g
    where g.id = a.grant_id and g.user_id = ${userId}::uuid and g.method = 'access_code' and g.ended_at is null
      and g.expires_at > clock_timestamp() and a.form = 'short' and a.wrong_count < ${triesMax}::int
    returning a.grant_id`);
  return row?.grant_id;
}

/** Gives a try back that turned out to be none. */
export async function returnShortTry(tx: Tx, grantId: string): Promise<void> {
  await tx.execute(
    sql`update access_code set wrong_count = wrong_count - 1 where grant_id = ${grantId}::uuid and wrong_count > 0`,
  );
}

/** How long a try may take from being taken to being judged: whoever took it longer ago is gone. */
const judgedWithinSeconds = 60;

/**
 * Live grants whose short code has no try left and is judged by nobody any more, locked: those who took the last tries ended in the
 * middle, so that no wrong one killed it, and no right one is let in.
 */
export async function lockTriedOut(
  tx: Tx,
  triesMax: number,
  limit: number,
): Promise<Pick<Grant, "id" | "userId" | "method">[]> {
  return tx.execute<Pick<Grant, "id" | "userId" | "method"> & Record<string, unknown>>(sql`
    select g.id, g.user_id as "userId", g.method from grants g join access_code a on a.grant_id = g.id
    where g.ended_at is null and g.method = 'access_code' and a.form = 'short' and a.wrong_count >= ${triesMax}::int
      and a.tried_at < clock_timestamp() - make_interval(secs => ${judgedWithinSeconds}::int)
    limit ${limit}::int for update of g skip locked`);
}

/** What a wrong try led to. */
export interface AfterWrong extends Record<string, unknown> {
  /** How long this subject must wait at this source now; null: not at all. */
  wait: number | null;
}

/** The events of a wrong try: that it was judged, and, where its code dies of it, that it did and was told. */
export interface WrongEvents {
  judged: EventRow;
  died: EventRow;
  throttled: EventRow;
}

/**
 * Counts a wrong try against the subject at this source and against the user's live code, which dies of too many in a row:
 * one statement, the same for a user who doesn't exist. The grant's row is locked first, as whoever spends it does.
 * Counts of yesterday are forgotten.
 * @param claimedGrantId The grant whose code counted this try before it was judged.
 */
export async function countWrongTry(
  tx: Tx,
  keys: TryKeys,
  userId: string | null,
  claimedGrantId: string | null,
  rules: Policy["tries"],
  events: WrongEvents,
): Promise<AfterWrong> {
  const tries = sql`(case when t.updated_at < now() - interval '1 day' then 0 else t.wrong_count end + 1)`;
  const wait = (count: SQL) => sql`
    case when ${count} >= ${rules.backOffFrom}::int then clock_timestamp() + make_interval(
      secs => least(${rules.backOffSecondsMax}::float8, ${rules.backOffSeconds}::float8 * power(2::float8, least(${count} - ${rules.backOffFrom}::int, 20)))) end`;
  const [row] = await tx.execute<AfterWrong>(sql`
    with live as materialized (
      select g.id from grants g
      where g.user_id = ${userId}::uuid and g.method = 'access_code' and g.ended_at is null and g.expires_at > clock_timestamp()
      for update
    ),
    counted as (
      insert into throttle as t (subject_key, source_key, wrong_count, back_off_until, updated_at)
      select ${keys.subjectKey}, ${keys.sourceKey}, 1, ${wait(sql`1`)}, now() from (select count(*) from live) first
      on conflict (subject_key, source_key) do update
        set wrong_count = ${tries}, back_off_until = ${wait(tries)}, updated_at = now()
      returning t.wrong_count, t.back_off_until
    ),
    tried as (
      update access_code a set wrong_count = a.wrong_count + case when a.grant_id = ${claimedGrantId}::uuid then 0 else 1 end
      from live where a.grant_id = live.id
      returning a.grant_id, a.wrong_count >= case a.form when 'short' then ${rules.shortMax}::int else ${rules.standardMax}::int end as is_last
    ),
    dead as (
      update grants g set ended_at = clock_timestamp(), ended_as = 'revoked', end_reason = 'wrong_tries'
      from tried where g.id = tried.grant_id and tried.is_last and g.ended_at is null
      returning g.id
    ),
    ${eventCtes("judged", events.judged, sql`counted`, {
      grantId: sql`(select grant_id from tried)`,
      details: sql`${events.judged.details}::jsonb || jsonb_build_object('inARow', counted.wrong_count)`,
    })},
    ${eventCtes("throttled", events.throttled, sql`dead`, { grantId: sql`dead.id` })},
    ${eventCtes("died", events.died, sql`dead`, { grantId: sql`dead.id` })}
    select extract(epoch from back_off_until - clock_timestamp())::float8 as wait,
      case when counted.wrong_count = ${rules.backOffFrom}::int or exists (select from dead)
        then ${noticeJob("failures_burst", sql`${userId}::uuid`, sql`'access_code'`, events.judged.requestId)} end as told
    from counted`);
  if (row === undefined) throw new Fault("a try that is counted is one row");
  return row;
}

/** Forgets the wrong tries of yesterday. @returns how many rows went. */
export async function deleteOldThrottles(tx: Tx): Promise<number> {
  const rows = await tx.execute(
    sql`delete from throttle where updated_at < now() - interval '1 day' returning 1`,
  );
  return rows.length;
}

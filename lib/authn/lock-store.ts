import "server-only";
import { sql } from "drizzle-orm";
import type { EarlierOtp } from "@/lib/delivery/limits";
import { textArray, uuidArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { EarlierAsk } from "./ask-limits";
import type { AttemptChannel } from "./model";

/** What holds somebody's methods back now. */
export interface LockFacts {
  /** Whether a name of theirs has to wait somewhere before it may try a code again. */
  isWaiting: boolean;
  /** The texts and calls that were sent to them, and those asked for under their names: each has its limits. */
  sent: EarlierOtp[];
  asked: EarlierAsk[];
}

/** What holds the methods of users back, by the keys that their names go by (`toSubjectKey`). */
export async function readLockFacts(
  tx: Tx,
  users: readonly { userId: string; subjectKeys: readonly string[] }[],
): Promise<Map<string, LockFacts>> {
  const keys = users.flatMap(({ subjectKeys }) => subjectKeys);
  const rows = await tx.execute<{
    what: "waits" | "sent" | "asked";
    of: string;
    age: number;
    sourceKey: string | null;
    byDesk: boolean | null;
  }>(sql`
    select 'waits' as what, subject_key as of, 0::float8 as age, null as "sourceKey", null::boolean as "byDesk" from throttle
    where subject_key = any(${textArray(keys)}) and back_off_until > clock_timestamp()
    union all
    select 'sent', d.user_id::text, extract(epoch from clock_timestamp() - d.created_at)::float8, null, c.attempt_id is null
    from delivery d left join challenge c on c.id = d.challenge_id
    where d.user_id = any(${uuidArray(users.map(({ userId }) => userId))}) and d.purpose = 'otp'
      and d.created_at > now() - interval '1 day' and d.forgiven_at is null
    union all
    select 'asked', subject_key, extract(epoch from clock_timestamp() - asked_at)::float8, source_key, null from channel_ask
    where subject_key = any(${textArray(keys)}) and asked_at > now() - interval '10 minutes' and forgiven_at is null`);
  return new Map(
    users.map(({ userId, subjectKeys }) => {
      const own = (what: string) => rows.filter((row) => row.what === what && subjectKeys.includes(row.of));
      const sent = rows.filter((row) => row.what === "sent" && row.of === userId);
      return [
        userId,
        {
          isWaiting: own("waits").length > 0,
          sent: sent.map(({ age, byDesk }) => ({
            ageSeconds: age,
            sameUser: true,
            sameNumber: false,
            byDesk: byDesk === true,
          })),
          asked: own("asked").map(({ age, sourceKey }) => ({ ageSeconds: age, sourceKey: sourceKey ?? "" })),
        },
      ];
    }),
  );
}

/** Forgets the wrong access codes that were typed under these names. @returns how many counts went. */
export async function deleteThrottles(tx: Tx, subjectKeys: readonly string[]): Promise<number> {
  const rows = await tx.execute(
    sql`delete from throttle where subject_key = any(${textArray(subjectKeys)}) returning 1`,
  );
  return rows.length;
}

/**
 * Has the texts or calls that were sent to a user, or asked for under these names, count no more towards the limits of sends. The
 * budget of the day keeps them.
 * @returns how many.
 */
export async function forgiveSends(
  tx: Tx,
  of: { userId: string; subjectKeys: readonly string[]; channels: readonly AttemptChannel[] },
): Promise<number> {
  const rows = await tx.execute(sql`
    with sent as (
      update delivery set forgiven_at = now()
      where user_id = ${of.userId}::uuid and purpose = 'otp' and channel = any(${textArray(of.channels)})
        and created_at > now() - interval '1 day' and forgiven_at is null
      returning 1
    ), asked as (
      update channel_ask set forgiven_at = now()
      where subject_key = any(${textArray(of.subjectKeys)}) and channel = any(${textArray(of.channels)})
        and asked_at > now() - interval '1 day' and forgiven_at is null
      returning 1
    )
    select 1 from sent union all select 1 from asked`);
  return rows.length;
}

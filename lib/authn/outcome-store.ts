import "server-only";
import { sql } from "drizzle-orm";
import { milliseconds } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { AttemptChannel, AttemptMethod, AttemptState } from "./model";

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
      ${milliseconds`expires_at`} as expires
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
  /** Whether the grant still opens something: it wasn't revoked or replaced since, nor what it opened closed, and its window is open. */
  isGrantOpen: boolean;
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
    open: boolean;
  }>(sql`
    update authn_attempt a set read_at = now()
    from users
    where a.id = ${attemptId}::uuid and a.door = 'otp_page' and a.browser_digest = ${Buffer.from(digest)}
      and a.application = ${application} and a.state = 'succeeded' and a.read_at is null
      and a.ended_at > now() - make_interval(secs => ${ageSecondsMax}::int)
      and users.id = a.user_id and users.disabled_at is null
    returning a.user_id, users.display_name as label, a.method, a.grant_id, ${milliseconds`a.ended_at`} as proven,
      exists (select from grants g where g.id = a.grant_id and coalesce(g.ended_as, 'spent') = 'spent' and g.closed_at is null
        and g.expires_at > now()) as open`);
  return (
    row && {
      userId: row.user_id,
      displayName: row.label,
      method: row.method,
      grantId: row.grant_id,
      provenAt: new Date(row.proven),
      isGrantOpen: row.open,
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
      session_attributes, ${milliseconds`expires_at`} as expires`);
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

import "server-only";
import { sql } from "drizzle-orm";
import type { AttemptMethod } from "@/lib/authn/model";
import { subjectCte } from "@/lib/directory/store";
import { milliseconds } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import { isLive } from "./entry-store";

/** A sign-in to be written. */
export interface NewSignIn {
  id: string;
  clientId: string;
  grantId: string;
  userId: string;
  subject: string;
  secondsMax: number;
}

/** Writes a sign-in for as long as its grant's window is open, if that lives still; and when it ends. */
export async function insertSignIn(tx: Tx, signIn: NewSignIn): Promise<{ expiresAt: Date } | undefined> {
  const [row] = await tx.execute<{ expires: number }>(sql`
    insert into openid_sign_in (id, client_id, grant_id, user_id, subject, expires_at)
    select ${signIn.id}::uuid, ${signIn.clientId}::uuid, g.id, g.user_id, ${signIn.subject},
      least(g.expires_at, now() + make_interval(secs => ${signIn.secondsMax}::int))
    from grants g
    where g.id = ${signIn.grantId}::uuid and g.user_id = ${signIn.userId}::uuid and coalesce(g.ended_as, 'spent') = 'spent'
      and g.closed_at is null and g.expires_at > now() + interval '1 second'
      and exists (select from client c where c.id = ${signIn.clientId}::uuid and c.ended_at is null)
    returning ${milliseconds`expires_at`} as expires`);
  return row && { expiresAt: new Date(row.expires) };
}

/** Who signed in, as an application may know them. */
export interface Profile {
  subject: string;
  displayName: string;
  login: string;
  /** null: none, or one that leads to somebody else. */
  email: string | null;
}

/** Finds who is behind a sign-in that lives. */
export async function findProfile(tx: Tx, signInId: string): Promise<Profile | undefined> {
  const [row] = await tx.execute<{
    subject: string;
    display_name: string;
    login: string;
    email: string | null;
  }>(sql`
    select s.subject, u.display_name, u.login, case when not exists (
        select from users o where o.id <> u.id and (o.login_key = u.email_key or (o.email_key = u.email_key and o.disabled_at is null))
      ) then u.email end as email
    from openid_sign_in s join users u on u.id = s.user_id
    where s.id = ${signInId}::uuid and ${isLive}`);
  return (
    row && {
      subject: row.subject,
      displayName: row.display_name,
      login: row.login,
      email: row.email,
    }
  );
}

/** Where a user is signed in, as staff see it. */
export interface OpenedSignIn {
  id: string;
  /** The application as people know it. */
  application: string;
  /** The grant that opened it, and its method. */
  grantId: string;
  method: AttemptMethod;
  at: Date;
  until: Date;
}

/** The sign-ins of a user that live, the newest first. */
export async function selectLive(tx: Tx, userId: string): Promise<OpenedSignIn[]> {
  const rows = await tx.execute<{
    id: string;
    application: string;
    grant_id: string;
    method: AttemptMethod;
    at: number;
    until: number;
  }>(sql`
    select s.id, c.name as application, s.grant_id, g.method, ${milliseconds`s.created_at`} as at,
      ${milliseconds`s.expires_at`} as until
    from openid_sign_in s join client c on c.id = s.client_id join grants g on g.id = s.grant_id
    where s.user_id = ${userId}::uuid and ${isLive} order by s.created_at desc, s.id limit 50`);
  return rows.map((row) => ({
    id: row.id,
    application: row.application,
    grantId: row.grant_id,
    method: row.method,
    at: new Date(row.at),
    until: new Date(row.until),
  }));
}

/** Ends a sign-in that hasn't ended. @returns whose it was; undefined: nothing ended by this call. */
export async function updateEnded(
  tx: Tx,
  signInId: string,
): Promise<{ clientId: string; userId: string; grantId: string; userLabel: string } | undefined> {
  const [row] = await tx.execute<{ client_id: string; user_id: string; grant_id: string; label: string }>(sql`
    update openid_sign_in s set ended_at = now() from users u
    where s.id = ${signInId}::uuid and s.ended_at is null and u.id = s.user_id
    returning s.client_id, s.user_id, s.grant_id, u.display_name as label`);
  return row && { clientId: row.client_id, userId: row.user_id, grantId: row.grant_id, userLabel: row.label };
}

/**
 * Whom Entra means: the person that its directory's id leads to, and the name. Undefined where that is nobody, or not the same person.
 */
export async function findHinted(
  tx: Tx,
  { oid, preferredUsername }: { oid: string; preferredUsername: string },
): Promise<string | undefined> {
  const rows = await tx.execute<{ id: string }>(sql`
    with known as (
      select id from users where (directory_id = ${oid} or external_id = ${oid}) and deleted_at is null limit 2
    ), ${subjectCte(preferredUsername)}
    select id from known union select id from subject`);
  return rows.length === 1 ? rows[0]?.id : undefined;
}

/** Forgets up to `limit` sign-ins that were over so long ago, with what they left. @returns how many. */
export async function deleteOldSignIns(tx: Tx, keptSeconds: number, limit: number): Promise<number> {
  const rows = await tx.execute(sql`
    delete from openid_sign_in where id in (
      select id from openid_sign_in where expires_at < now() - make_interval(secs => ${keptSeconds}::int) limit ${limit}::int
      for update skip locked
    ) returning 1`);
  return rows.length;
}

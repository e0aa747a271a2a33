import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { foldKey } from "@/lib/directory/fold";
import { milliseconds, toDate, uuidArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { AttemptMethod } from "./model";

/** By what a program looks a user up; each that is given must fit. */
export interface UserKey {
  /** The e-mail address of one user alone. */
  email?: string | undefined;
  /** The login name. */
  username?: string | undefined;
}

/** A user as the directory and the log have them. */
export interface DescribedUser {
  id: string;
  directoryId: string;
  login: string;
  email: string | null;
  firstName: string;
  lastName: string;
  employeeNumber: string | null;
  createdAt: Date;
  updatedAt: Date;
  disabledAt: Date | null;
  /** What keeps them up to date. */
  source: "csv" | "demo" | "scim" | "ldap";
  /** When their directory took them away, and which client; null: it did not. */
  deletedAt: Date | null;
  deletedBy: string | null;
  groups: string[];
  phones: { sms?: string; voice?: string };
  /** The newest access code's grant. */
  code: {
    grantId: string;
    isLive: boolean;
    expiresAt: Date;
    lastUsedAt: Date | null;
    isOnce: boolean;
    offlineExpiresAt: Date | null;
  } | null;
  /** Until when any machine may still open by a code of the user, live or not, as far as is known; null: none can. */
  offlineHeldUntil: Date | null;
  lastSignIn: { at: Date; method: string | null } | null;
  lastEmergencySignIn: { at: Date; method: AttemptMethod } | null;
}

interface Row extends Record<string, unknown> {
  id: string;
  directory_id: string;
  login: string;
  email: string | null;
  first_name: string;
  last_name: string;
  employee_number: string | null;
  created: number;
  updated: number;
  disabled: number | null;
  source: DescribedUser["source"];
  deleted: number | null;
  deleted_by: string | null;
  groups: string[];
  phones: { sms?: string; voice?: string };
  grant_id: string | null;
  live: boolean;
  expires: number;
  used: number | null;
  once: boolean;
  offline: number | null;
  held: number | null;
  signed_in: number | null;
  signed_in_method: string | null;
  emergency: number | null;
  emergency_method: AttemptMethod;
}

/**
 * Finds the one user of a name and an address with all that is said of them; by an address alone, of those who share it, somebody
 * disabled only where nobody of them is enabled. A name alone that nobody has any more leads to whoever of those who had it was taken
 * away last.
 */
export async function findDescribed(tx: Tx, key: UserKey): Promise<DescribedUser | undefined> {
  const login = key.username === undefined ? null : foldKey(key.username);
  const email = key.email === undefined ? null : foldKey(key.email);
  const [user, another] = await selectDescribed(
    tx,
    sql`(${login}::text is null or u.login_key = ${login}) and (${email}::text is null or u.email_key = ${email})
      and (${login}::text is not null or ${email}::text is not null)
      and (${login}::text is not null or u.disabled_at is null
        or not exists (select from users o where o.email_key = ${email} and o.disabled_at is null))`,
    2,
  );
  if (user !== undefined || login === null || email !== null) return another === undefined ? user : undefined;
  const [gone] = await selectDescribed(
    tx,
    sql`u.id = (select g.id from users g where g.former_login_key = ${login} order by g.deleted_at desc limit 1)`,
    1,
  );
  return gone;
}

/** The users of these ids with all that is said of them, in the order of the ids. */
export async function listDescribed(tx: Tx, userIds: readonly string[]): Promise<DescribedUser[]> {
  const users = await selectDescribed(tx, sql`u.id = any(${uuidArray(userIds)})`, userIds.length);
  return userIds.flatMap((id) => users.find((user) => user.id === id) ?? []);
}

/** How many users have `text` in their address, folded, and the ids of a page of them in the order of the addresses. */
export async function searchEmails(
  tx: Tx,
  text: string,
  page: { size: number; number: number },
): Promise<{ total: number; userIds: string[] }> {
  const folded = foldKey(text);
  if (folded === "") return { total: 0, userIds: [] };
  const pattern = `%${folded.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const [row] = await tx.execute<{ total: number; ids: string[] }>(sql`
    with hit as materialized (select id, email_key from users where email_key like ${pattern})
    select (select count(*)::int from hit) as total,
      array(select id from hit order by email_key, id limit ${page.size}::int offset ${page.size * page.number}::bigint) as ids`);
  return { total: row?.total ?? 0, userIds: row?.ids ?? [] };
}

async function selectDescribed(tx: Tx, which: SQL, limit: number): Promise<DescribedUser[]> {
  const rows = await tx.execute<Row>(sql`
    select u.id, u.directory_id, u.login, u.email, u.first_name, u.last_name, u.employee_number,
      ${milliseconds`u.created_at`} as created, ${milliseconds`u.updated_at`} as updated, ${milliseconds`u.disabled_at`} as disabled,
      u.source, ${milliseconds`u.deleted_at`} as deleted, u.deleted_by,
      (select coalesce(json_agg(group_name order by group_name), '[]') from user_group where user_id = u.id) as groups,
      (select coalesce(json_object_agg(channel, e164), '{}') from user_phone where user_id = u.id) as phones,
      (
        select ${milliseconds`max(least(a.offline_expires_at, p.not_after))`} from grants g join access_code a on a.grant_id = g.id join package_slot p on p.slot_id = a.slot_id
        where g.user_id = u.id and g.method = 'access_code' and p.gone_at is null and a.offline_expires_at > now() and p.not_after > now()
      ) as held,
      c.*, ${milliseconds`u.last_sign_in_at`} as signed_in, u.last_sign_in_method as signed_in_method, e.*
    from users u
    left join lateral (
      select g.id as grant_id, g.ended_at is null and g.expires_at > now() as live, ${milliseconds`g.expires_at`} as expires,
        ${milliseconds`g.last_used_at`} as used, g.uses_max = 1 as once, ${milliseconds`a.offline_expires_at`} as offline
      from grants g join access_code a on a.grant_id = g.id
      where g.user_id = u.id and g.method = 'access_code' order by g.created_at desc nulls last, g.id limit 1
    ) c on true
    left join lateral (
      select ${milliseconds`at`} as emergency, details->>'method' as emergency_method from audit_event
      where user_id = u.id and kind = 'grant.redeemed' and outcome = 'ok' order by id desc limit 1
    ) e on true
    where ${which}
    limit ${limit}::int`);
  return [...rows].map(toDescribed);
}

function toDescribed(row: Row): DescribedUser {
  return {
    id: row.id,
    directoryId: row.directory_id,
    login: row.login,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    employeeNumber: row.employee_number,
    createdAt: new Date(row.created),
    updatedAt: new Date(row.updated),
    disabledAt: toDate(row.disabled),
    source: row.source,
    deletedAt: toDate(row.deleted),
    deletedBy: row.deleted_by,
    groups: row.groups,
    phones: row.phones,
    code:
      row.grant_id === null
        ? null
        : {
            grantId: row.grant_id,
            isLive: row.live,
            expiresAt: new Date(row.expires),
            lastUsedAt: toDate(row.used),
            isOnce: row.once === true,
            offlineExpiresAt: toDate(row.offline),
          },
    offlineHeldUntil: toDate(row.held),
    lastSignIn: row.signed_in === null ? null : { at: new Date(row.signed_in), method: row.signed_in_method },
    lastEmergencySignIn:
      row.emergency === null ? null : { at: new Date(row.emergency), method: row.emergency_method },
  };
}

import "server-only";
import { type SQL, sql } from "drizzle-orm";
import type { Tx } from "@/lib/platform/transaction";

/** An entry to be kept. */
export interface NewEntry {
  model: string;
  digest: Uint8Array;
  /** The sign-in that it comes from; null: none yet. */
  signInId: string | null;
  payload: string;
  /** For how long. */
  seconds: number;
}

/**
 * Whether the sign-in `s` lives: it wasn't ended, its time isn't over, and the grant that opened it, the user and the application live.
 * A grant that was spent by it has ended, and lives on in it until its window closes or somebody closes it.
 */
export const isLive: SQL = sql`s.ended_at is null and s.expires_at > now()
  and exists (select from grants g where g.id = s.grant_id and coalesce(g.ended_as, 'spent') = 'spent' and g.closed_at is null)
  and exists (select from users u where u.id = s.user_id and u.disabled_at is null)
  and exists (select from client c where c.id = s.client_id and c.ended_at is null)`;

/** Keeps an entry, in place of what was kept under its id. */
export async function putEntry(tx: Tx, entry: NewEntry): Promise<void> {
  await tx.execute(sql`
    insert into openid_entry (model, id_digest, sign_in_id, payload, expires_at)
    values (${entry.model}, ${Buffer.from(entry.digest)}, ${entry.signInId}::uuid, ${entry.payload}, now() + make_interval(secs => ${entry.seconds}::float8))
    on conflict (model, id_digest) do update
    set sign_in_id = excluded.sign_in_id, payload = excluded.payload, expires_at = excluded.expires_at`);
}

/** Finds an entry whose time isn't over and whose sign-in lives. */
export async function findEntry(
  tx: Tx,
  model: string,
  digest: Uint8Array,
): Promise<{ payload: string; consumedAtSeconds: number | null } | undefined> {
  const [row] = await tx.execute<{ payload: string; consumed: number | null }>(sql`
    select e.payload, extract(epoch from e.consumed_at)::float8 as consumed from openid_entry e
    where e.model = ${model} and e.id_digest = ${Buffer.from(digest)} and e.expires_at > now()
      and (e.sign_in_id is null or exists (select from openid_sign_in s where s.id = e.sign_in_id and ${isLive}))`);
  return row && { payload: row.payload, consumedAtSeconds: row.consumed };
}

/** Marks an entry as used. @returns whether this call did: of any number at once, one. */
export async function updateConsumed(tx: Tx, model: string, digest: Uint8Array): Promise<boolean> {
  const rows = await tx.execute(sql`
    update openid_entry set consumed_at = now()
    where model = ${model} and id_digest = ${Buffer.from(digest)} and consumed_at is null returning 1`);
  return rows.length === 1;
}

/** Forgets an entry. */
export async function deleteEntry(tx: Tx, model: string, digest: Uint8Array): Promise<void> {
  await tx.execute(
    sql`delete from openid_entry where model = ${model} and id_digest = ${Buffer.from(digest)}`,
  );
}

/** Forgets up to `limit` entries whose time is over. @returns how many. */
export async function deleteOldEntries(tx: Tx, limit: number): Promise<number> {
  const rows = await tx.execute(sql`
    delete from openid_entry where (model, id_digest) in (
      select model, id_digest from openid_entry where expires_at < now() limit ${limit}::int for update skip locked
    ) returning 1`);
  return rows.length;
}

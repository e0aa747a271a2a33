import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "@/lib/platform/transaction";
import { lockSecondsAfter } from "./lock";

/** Why a password is not judged. */
export type Obstacle = "unknown" | "disabled" | "no_password" | "locked";

/** What a sign-in found of an account; with a try taken from it unless there is an obstacle. */
export interface TakenTry extends Record<string, unknown> {
  /** null: nobody of that e-mail. */
  staffId: string | null;
  obstacle: Obstacle | null;
  /** null where there is an obstacle. */
  passwordHash: string | null;
  /** Until when the account stands still by this very try, as the database writes it; null: it doesn't. */
  lockedUntil: string | null;
}

const lockSteps = Array.from({ length: 20 }, (_, i) => lockSecondsAfter(i + 1));

/**
 * Counts a try at the account of this e-mail (folded) as wrong before it is judged, so that no more than are free are ever
 * judged, however many come at once, and nothing is held meanwhile. The same statement for an e-mail that nobody has.
 */
export async function takeTry(tx: Tx, emailKey: string): Promise<TakenTry> {
  const [row] = await tx.execute<TakenTry>(sql`
    with found as (select id, disabled_at, password_hash from staff where email_key = ${emailKey}),
    taken as (
      update staff s set failed_count = s.failed_count + 1,
        locked_until = now() + make_interval(
          secs => nullif((${sql.param(lockSteps)}::int[])[least(s.failed_count + 1, ${lockSteps.length}::int)], 0))
      where s.email_key = ${emailKey} and s.disabled_at is null and s.password_hash is not null
        and (s.locked_until is null or s.locked_until <= now())
      returning s.id, s.password_hash, s.locked_until
    )
    select f.id as "staffId", t.password_hash as "passwordHash", t.locked_until::text as "lockedUntil",
      case when f.id is null then 'unknown' when t.id is not null then null when f.disabled_at is not null then 'disabled'
        when f.password_hash is null then 'no_password' else 'locked' end as obstacle
    from (select) nothing left join found f on true left join taken t on true`);
  if (row === undefined) throw new Error("a try is always one row");
  return row;
}

/** Gives a try back that was right, and lifts the lock that it brought; one that others brought stays. */
export async function returnTry(tx: Tx, staffId: string, lockedUntil: string | null): Promise<void> {
  await tx.execute(sql`
    update staff set failed_count = greatest(failed_count - 1, 0),
      locked_until = case when locked_until::text is not distinct from ${lockedUntil}::text then null else locked_until end
    where id = ${staffId}::uuid`);
}

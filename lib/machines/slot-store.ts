import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { slot } from "@/db/schema/codes";
import { users } from "@/db/schema/directory";
import { serverState } from "@/db/schema/platform";
import type { ForgedSlot } from "@/lib/codes/slot";
import { Fault } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import { renewal } from "./model";

/** What a user on a machine lacks of open slots. */
export interface Lack {
  readonly userId: string;
  readonly once: number;
  readonly reusable: number;
}

/** What is counted as there. */
export interface LackQuestion {
  readonly generation: number;
  /** How many a user should have. */
  readonly wanted: { readonly once: number; readonly reusable: number };
  /** Slots of an earlier epoch don't count. */
  readonly earliestEpoch: Date;
  /** Whether those that are too old soon don't count either: a day ahead and more, spread over days by user. */
  readonly ahead: boolean;
  /** Of which users: those on this machine, this one, or (neither) everybody on any machine. */
  readonly machineId?: string;
  readonly userId?: string;
  readonly limit: number;
}

/** The condition that `s` is an open slot that may still be issued: not one that was skipped, nor of an old generation. */
export function isOpenSlot(generation: number): SQL {
  return sql`s.issued_at is null and s.retired_at is null and s.generation = ${generation}::int
    and s.number > coalesce((select i.number from slot i where i.user_id = s.user_id and i.issued_at is not null order by i.number desc limit 1), 0)`;
}

/**
 * Lists users on machines who lack open slots, disabled ones left out. Who is named is looked up; everybody is counted in one pass over
 * what is open, since a look-up for each of 100,000 is three to four times the work.
 */
export async function listLacks(tx: Tx, question: LackQuestion): Promise<Lack[]> {
  const { generation, wanted, machineId, userId, limit } = question;
  const isOneUser = userId !== undefined;
  const whose = machineId === undefined ? sql`true` : sql`m.id = ${machineId}::uuid`;
  const members = isOneUser
    ? sql`select ${userId}::uuid as user_id`
    : sql`select distinct mu.user_id from machine_user mu join machine m on m.id = mu.machine_id where m.ended_at is null and ${whose}`;
  const counts = sql`count(*) filter (where s.kind = 'once') as once, count(*) filter (where s.kind = 'reusable') as reusable`;
  const isYoung = youngEnough(question);
  const have =
    isOneUser || machineId !== undefined
      ? sql`cross join lateral (
          select ${counts} from slot s where s.user_id = u.id and ${isOpenSlot(generation)} and ${isYoung}
        ) have`
      : sql`left join (
          select s.user_id, ${counts} from slot s left join (
            select user_id, max(number) as number from slot where issued_at is not null group by user_id
          ) last on last.user_id = s.user_id
          where s.issued_at is null and s.retired_at is null and s.generation = ${generation}::int
            and s.number > coalesce(last.number, 0) and ${isYoung}
          group by s.user_id
        ) have on have.user_id = u.id`;
  const rows = await tx.execute<{ id: string; once: number; reusable: number }>(sql`
    select u.id, greatest(0, ${wanted.once}::int - coalesce(have.once, 0))::int as once,
      greatest(0, ${wanted.reusable}::int - coalesce(have.reusable, 0))::int as reusable
    from (${members}) member join users u on u.id = member.user_id ${have}
    where u.disabled_at is null
      and (coalesce(have.once, 0) < ${wanted.once}::int or coalesce(have.reusable, 0) < ${wanted.reusable}::int)
    limit ${limit}`);
  return rows.map(({ id, once, reusable }) => ({ userId: id, once, reusable }));
}

/** The condition that `s` isn't too old, or soon. */
function youngEnough({ earliestEpoch, ahead }: LackQuestion): SQL {
  const earliest = sql`${earliestEpoch.toISOString()}::timestamptz`;
  if (!ahead) return sql`s.slot_epoch >= ${earliest}`;
  return sql`s.slot_epoch >= ${earliest}
    + make_interval(hours => ${renewal.hoursAhead}::int + (hashtext(s.user_id::text) & 65535) % ${renewal.spreadHours}::int)`;
}

/** Locks a user for whoever numbers slots. @returns whether there is one. */
export async function lockNumbers(tx: Tx, userId: string): Promise<boolean> {
  const rows = await tx.execute(
    sql`select from ${users} where id = ${userId}::uuid and disabled_at is null for no key update`,
  );
  return rows.length > 0;
}

/** Writes an open slot under the user's next number. The caller holds the lock of `lockNumbers`. */
export async function insertSlot(
  tx: Tx,
  forged: ForgedSlot,
  kind: "once" | "reusable",
  generation: number,
): Promise<void> {
  const { seed, slotId, ...columns } = forged;
  await tx.insert(slot).values({
    ...columns,
    id: slotId,
    number: sql`(select coalesce(max(number), 0) + 1 from slot where user_id = ${forged.userId})`,
    kind,
    generation,
    seedCipher: seed.cipher,
    seedKeyId: seed.keyId,
  });
}

/**
 * Retires open slots that no code is issued from any more, and deletes their seeds: of an old generation, skipped, or too old for
 * a package and in none that is still good.
 * @param earliestEpoch of a slot in a package that is made now.
 * @returns how many.
 */
export async function retireSlots(tx: Tx, generation: number, earliestEpoch: Date): Promise<number> {
  const rows = await tx.execute(sql`
    update slot s set retired_at = now(), seed_cipher = null, seed_key_id = null
    where s.issued_at is null and s.retired_at is null and (not (${isOpenSlot(generation)})
      or (s.slot_epoch < ${earliestEpoch.toISOString()}::timestamptz and not exists (
        select from package_slot p where p.slot_id = s.id and p.gone_at is null and p.not_after > now())))
    returning 1`);
  return rows.length;
}

/** What this installation is like now: its generation, and the database's clock at this statement. */
export async function getServerState(tx: Tx): Promise<{ generation: number; now: Date }> {
  const [row] = await tx
    .select({
      generation: serverState.generation,
      now: sql`date_trunc('milliseconds', clock_timestamp())`.mapWith(slot.createdAt),
    })
    .from(serverState);
  if (row === undefined) throw new Fault("the server's state is missing");
  return row;
}

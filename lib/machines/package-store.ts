import "server-only";
import { and, eq, isNull, sql } from "drizzle-orm";
import { machine } from "@/db/schema/machines";
import { milliseconds, uuidArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import { deadCodeSeconds, holdsKeptDays, type PackageNumber } from "./model";
import { isOpenSlot } from "./slot-store";
import type { Package, PackageSlot } from "./wire";

/** A machine's row, as far as its packages go. */
export type PackagedMachine = Pick<
  typeof machine.$inferSelect,
  "id" | "generation" | "serial" | "pinnedKeyId"
>;

/** Locks an enrolled machine for whoever makes its next package; undefined where it has ended. */
export async function lockMachine(tx: Tx, machineId: string): Promise<PackagedMachine | undefined> {
  const [row] = await tx
    .select({
      id: machine.id,
      generation: machine.generation,
      serial: machine.serial,
      pinnedKeyId: machine.pinnedKeyId,
    })
    .from(machine)
    .where(and(eq(machine.id, machineId), isNull(machine.endedAt)))
    .for("no key update");
  return row;
}

interface ContentRow extends Record<string, unknown> {
  user_id: string;
  names: string[];
  slot_id: string | null;
  number: number;
  kind: PackageSlot["kind"];
  epoch: number;
  salt: Buffer;
  anchor: Buffer;
  state: PackageSlot["state"];
}

const toBase64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/**
 * Lists who and what stands in a package of a machine that is made now: its users, disabled ones left out, under every name that
 * leads to them alone, each with the lowest open slots of each kind that is wanted, and the codes that were issued and whose
 * hour isn't over for a day, by what became of them. Nothing of an older generation, nothing retired.
 */
export async function listContents(
  tx: Tx,
  question: {
    machineId: string;
    generation: number;
    wanted: { once: number; reusable: number };
    earliestEpoch: Date;
  },
): Promise<Package["users"]> {
  const { machineId, generation, wanted, earliestEpoch } = question;
  const rows = await tx.execute<ContentRow>(sql`
    with member as materialized (
      select u.id, u.login_key, u.email_key from machine_user mu join users u on u.id = mu.user_id
      where mu.machine_id = ${machineId}::uuid and u.disabled_at is null
    ), content as (
      select o.* from member u cross join lateral (
        select s.id, s.user_id, s.number, s.kind, s.slot_epoch, s.salt, s.anchor, 'open' as state,
          row_number() over (partition by s.kind order by s.number) as place
        from slot s where s.user_id = u.id and ${isOpenSlot(generation)} and s.slot_epoch >= ${earliestEpoch.toISOString()}::timestamptz
      ) o where o.place <= case o.kind when 'once' then ${wanted.once}::int else ${wanted.reusable}::int end
      union all
      select i.* from member u cross join lateral (
        select s.id, s.user_id, s.number, s.kind, s.slot_epoch, s.salt, s.anchor,
          case when g.ended_as is null or g.ended_as = 'expired' then 'open' when g.ended_as = 'spent' then 'spent' else 'revoked' end as state, 0 as place
        from slot s join access_code a on a.slot_id = s.id join grants g on g.id = a.grant_id
        where s.user_id = u.id and s.issued_at is not null and s.retired_at is null and s.generation = ${generation}::int
          and a.offline_expires_at > now() - make_interval(secs => ${deadCodeSeconds}::int)
      ) i
    )
    select u.id as user_id, c.id as slot_id, c.number, c.kind, c.salt, c.anchor, c.state, ${milliseconds`c.slot_epoch`} as epoch,
      array[u.login_key] || case when u.email_key is not null and u.email_key <> u.login_key and not exists (
        select from users x where x.id <> u.id and (x.login_key = u.email_key or (x.email_key = u.email_key and x.disabled_at is null))
      ) then array[u.email_key] else '{}' end as names
    from member u left join content c on c.user_id = u.id
    order by u.id, c.number`);
  const users = new Map<string, Package["users"][number]>();
  for (const row of rows) {
    const user = users.get(row.user_id) ?? { userId: row.user_id, names: row.names, slots: [] };
    users.set(row.user_id, user);
    if (row.slot_id === null) continue;
    user.slots.push({
      slotId: row.slot_id,
      number: row.number,
      kind: row.kind,
      slotEpoch: new Date(row.epoch).toISOString(),
      salt: toBase64url(row.salt),
      anchor: toBase64url(row.anchor),
      state: row.state,
    });
  }
  return [...users.values()];
}

/** A package that was just made. */
export interface MadePackage extends PackageNumber {
  readonly machineId: string;
  readonly issuedAt: Date;
  readonly notAfter: Date;
  readonly openSlotIds: readonly string[];
}

/** Keeps what a package that was just made may leave open on its machine. */
export async function insertPackage(tx: Tx, made: MadePackage, agentVersion: string): Promise<void> {
  const { machineId, generation, serial, issuedAt, notAfter, openSlotIds } = made;
  await tx
    .update(machine)
    .set({ generation, serial, packageAt: issuedAt, packageNotAfter: notAfter, agentVersion })
    .where(eq(machine.id, machineId));
  if (openSlotIds.length === 0) return;
  await tx.execute(sql`
    insert into package_slot as p (machine_id, slot_id, generation, serial, not_after)
    select ${machineId}::uuid, id, ${generation}::int, ${serial}::bigint, ${notAfter.toISOString()}::timestamptz
    from unnest(${uuidArray(openSlotIds)}) id order by id
    on conflict (machine_id, slot_id) do update set generation = excluded.generation, serial = excluded.serial,
      not_after = greatest(p.not_after, excluded.not_after),
      stored_at = case when p.gone_at is null then p.stored_at end, gone_at = null`);
}

/**
 * Notes that a machine stores a package: what it has open is what stood in that one or in a later one. Of an earlier package than
 * it said before, or a later one than was made for it, nothing is noted. The end of a package that wasn't the last made is
 * reckoned from its serial, a clock.
 */
export async function markStored(tx: Tx, machineId: string, stored: PackageNumber): Promise<void> {
  const { generation, serial } = stored;
  await tx.execute(sql`
    with noted as (
      update machine set stored_generation = ${generation}::int, stored_serial = ${serial}::bigint, stored_at = now(),
        stored_not_after = package_not_after - make_interval(secs => (serial - ${serial}::bigint)::float8 / 1000)
      where id = ${machineId}::uuid and (stored_generation, stored_serial) < (${generation}::int, ${serial}::bigint)
        and (${generation}::int, ${serial}::bigint) <= (generation, serial)
      returning id
    )
    update package_slot p set
      stored_at = case when (p.generation, p.serial) = (${generation}::int, ${serial}::bigint) then coalesce(p.stored_at, now()) else p.stored_at end,
      gone_at = case when (p.generation, p.serial) < (${generation}::int, ${serial}::bigint) then now() end
    from noted where p.machine_id = noted.id and p.gone_at is null
      and (p.generation, p.serial) <= (${generation}::int, ${serial}::bigint)`);
}

/** Notes which signing key a machine says that it pins. */
export async function updatePinned(tx: Tx, machineId: string, keyId: string): Promise<void> {
  await tx.update(machine).set({ pinnedKeyId: keyId }).where(eq(machine.id, machineId));
}

/** Forgets what stood in packages that ended `holdsKeptDays` ago and more. @returns how many rows. */
export async function deleteOldHolds(tx: Tx): Promise<number> {
  const rows = await tx.execute(
    sql`delete from package_slot where not_after < now() - make_interval(days => ${holdsKeptDays}::int) returning 1`,
  );
  return rows.length;
}

import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { iso8601 } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { AssignSource } from "./assign-store";
import type { ListMachinesInput } from "./input";

/** A machine as a list shows it. Instants are ISO 8601, UTC. */
export interface MachineView {
  readonly id: string;
  readonly name: string;
  readonly enrolledAt: string;
  readonly endedAt: string | null;
  readonly endedAs: "released" | "revoked" | null;
  readonly agentVersion: string | null;
  readonly lastContactAt: string | null;
  /** The package that it said it stores: when it said so, and until when that is good. null: none. */
  readonly storedAt: string | null;
  readonly storedNotAfter: string | null;
  /** The package made for it last. */
  readonly packageAt: string | null;
  readonly users: number;
  /** The names of the first three of them. */
  readonly names: readonly string[];
  /** Alarms that nobody has looked at. */
  readonly alarms: number;
  /** How many receipts it has handed in. */
  readonly receipts: number;
}

/** A user on a machine, and the codes that can be issued for it while it is offline. */
export interface MachineUserView {
  readonly userId: string;
  readonly login: string;
  readonly displayName: string;
  readonly isDisabled: boolean;
  readonly source: AssignSource;
  readonly addedAt: string;
  /** Open slots of the user that the machine is known to hold. */
  readonly once: number;
  readonly reusable: number;
}

/** A machine as its own page shows it. */
export interface MachineDetails extends MachineView {
  /** Fingerprint of its key: base64url of SHA-256 of the raw public half. */
  readonly keyId: string;
  /** Who enrolled and who ended it: a name where they are staff or a program of ours. */
  readonly enrolledBy: string | null;
  readonly endedBy: string | null;
  readonly endReason: string | null;
  readonly lastSourceIp: string | null;
  /** Fingerprint of the signing key that it pins. */
  readonly pinnedKeyId: string;
  readonly storedGeneration: number;
  readonly storedSerial: number;
  /** Until when something that it was given may open it without a network, stored there or not known to have arrived; null: nothing may. */
  readonly holdsUntil: string | null;
  readonly people: readonly MachineUserView[];
}

/** The name of `staff:<id>` or `client:<id>`; what it was where nobody has that id. */
const nameOf = (actor: SQL) => sql`coalesce(
  (select s.name from staff s where ${actor} = 'staff:' || s.id), (select c.name from client c where ${actor} = 'client:' || c.id), ${actor})`;

const view = sql`
  m.id, m.name, ${iso8601`m.enrolled_at`} as "enrolledAt", ${iso8601`m.ended_at`} as "endedAt", m.ended_as as "endedAs",
  m.agent_version as "agentVersion", ${iso8601`m.last_contact_at`} as "lastContactAt", ${iso8601`m.stored_at`} as "storedAt",
  ${iso8601`m.stored_not_after`} as "storedNotAfter", ${iso8601`m.package_at`} as "packageAt",
  (select count(*)::int from machine_user mu where mu.machine_id = m.id) as users,
  array(select u.display_name from machine_user mu join users u on u.id = mu.user_id where mu.machine_id = m.id
    order by lower(u.display_name), u.id limit 3) as names, m.receipt_seq as receipts,
  (select count(*)::int from machine_alarm a where a.machine_id = m.id and a.seen_at is null) as alarms`;

/** Lists machines by name, from `after` on: by key, so that any depth costs the same. */
export async function selectMachines(tx: Tx, input: ListMachinesInput): Promise<MachineView[]> {
  const { query, show, userId, look, after, limit } = input;
  const where = [show === "enrolled" ? sql`m.ended_at is null` : sql`m.ended_at is not null`];
  if (query !== "") where.push(sql`starts_with(lower(m.name), ${query.toLowerCase()})`);
  if (userId !== undefined)
    where.push(
      sql`exists (select from machine_user u where u.machine_id = m.id and u.user_id = ${userId}::uuid)`,
    );
  if (look === "alarm")
    where.push(sql`exists (select from machine_alarm a where a.machine_id = m.id and a.seen_at is null)`);
  if (look === "no_package") where.push(sql`coalesce(m.stored_not_after <= now(), true)`);
  if (after !== undefined)
    where.push(sql`(lower(m.name), m.id) > (${after[0].toLowerCase()}, ${after[1]}::uuid)`);
  const rows = await tx.execute<MachineView & Record<string, unknown>>(
    sql`select ${view} from machine m where ${sql.join(where, sql` and `)} order by lower(m.name), m.id limit ${limit}`,
  );
  return [...rows];
}

/** Everything about one machine; undefined: there is none. */
export async function selectMachine(tx: Tx, machineId: string): Promise<MachineDetails | undefined> {
  const [row] = await tx.execute<MachineDetails & Record<string, unknown>>(sql`
    select ${view}, translate(encode(sha256(m.public_key), 'base64'), '+/=', '-_') as "keyId", ${nameOf(sql`m.enrolled_by`)} as "enrolledBy", ${nameOf(sql`m.ended_by`)} as "endedBy",
      m.end_reason as "endReason", m.last_source_ip as "lastSourceIp", m.pinned_key_id as "pinnedKeyId",
      m.stored_generation as "storedGeneration", m.stored_serial::float8 as "storedSerial",
      (select ${iso8601`max(p.not_after)`} from package_slot p where p.machine_id = m.id and p.gone_at is null and p.not_after > now()) as "holdsUntil"
    from machine m where m.id = ${machineId}::uuid`);
  if (row === undefined) return undefined;
  const people = await tx.execute<MachineUserView & Record<string, unknown>>(sql`
    select u.id as "userId", u.login, u.display_name as "displayName", u.disabled_at is not null as "isDisabled", mu.source,
      ${iso8601`mu.added_at`} as "addedAt", held.once, held.reusable
    from machine_user mu join users u on u.id = mu.user_id cross join lateral (
      select count(*) filter (where s.kind = 'once')::int as once, count(*) filter (where s.kind = 'reusable')::int as reusable
      from package_slot p join slot s on s.id = p.slot_id
      where p.machine_id = mu.machine_id and s.user_id = mu.user_id and p.stored_at is not null and p.gone_at is null
        and s.issued_at is null and s.retired_at is null
    ) held
    where mu.machine_id = ${machineId}::uuid order by lower(u.display_name), u.id limit 500`);
  return { ...row, people: [...people] };
}

import "server-only";
import { sql } from "drizzle-orm";
import type { GrantEnd } from "@/lib/grants/model";
import { milliseconds, toDate } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import { decideReach, type MachineReach } from "./reach";

/** A code that a machine may hold, and how it stands there. */
export interface MachineCode extends Pick<MachineReach, "state" | "at" | "until" | "usedAt"> {
  readonly grantId: string;
  readonly user: { readonly id: string; readonly displayName: string };
  readonly issuedAt: Date;
  readonly offlineExpiresAt: Date;
  /** How it ended online; null: it lives. */
  readonly endedAs: GrantEnd | null;
}

interface Row extends Record<string, unknown> {
  grant_id: string;
  user_id: string;
  name: string;
  issued: number;
  ended_as: GrantEnd | null;
  offline: number;
  not_after: number;
  gone: number | null;
  used: number | null;
  now: number;
}

/** Lists the codes whose slot stood open in a package of a machine, until a day after their offline hour; the newest first. */
export async function selectMachineCodes(tx: Tx, machineId: string, limit: number): Promise<MachineCode[]> {
  const rows = await tx.execute<Row>(sql`
    select g.id as grant_id, u.id as user_id, u.display_name as name, g.ended_as,
      ${milliseconds`g.created_at`} as issued,
      ${milliseconds`a.offline_expires_at`} as offline,
      ${milliseconds`p.not_after`} as not_after, ${milliseconds`p.gone_at`} as gone,
      ${milliseconds`clock_timestamp()`} as now,
      (select ${milliseconds`max(r.at)`} from receipt r
        where r.slot_id = p.slot_id and r.machine_id = p.machine_id and r.outcome = 'yes' and r.grant_id = g.id) as used
    from package_slot p join access_code a on a.slot_id = p.slot_id and a.form = 'standard'
    join grants g on g.id = a.grant_id join users u on u.id = g.user_id
    where p.machine_id = ${machineId}::uuid and a.offline_expires_at > now() - interval '1 day'
    order by g.created_at desc, g.id limit ${limit}`);
  return rows.map((row) => {
    const offlineExpiresAt = new Date(row.offline);
    const hold = {
      machineId,
      name: "",
      machineEndedAs: null,
      packageUntil: new Date(row.not_after),
      goneAt: toDate(row.gone),
      usedAt: toDate(row.used),
    };
    const { state, at, until, usedAt } = decideReach(hold, offlineExpiresAt, new Date(row.now));
    return {
      grantId: row.grant_id,
      user: { id: row.user_id, displayName: row.name },
      issuedAt: new Date(row.issued),
      endedAs: row.ended_as,
      offlineExpiresAt,
      state,
      at,
      until,
      usedAt,
    };
  });
}

/** How many codes nobody issued yet could still be issued for a machine: its open slots, stored there or on the way. */
export async function countOpenSlots(tx: Tx, machineId: string): Promise<number> {
  const [row] = await tx.execute<{ open: number }>(sql`
    select count(*)::int as open from package_slot p join slot s on s.id = p.slot_id
    where p.machine_id = ${machineId}::uuid and p.gone_at is null and s.issued_at is null and s.retired_at is null`);
  return row?.open ?? 0;
}

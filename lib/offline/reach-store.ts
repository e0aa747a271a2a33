import "server-only";
import { sql } from "drizzle-orm";
import type { GrantEnd } from "@/lib/grants/model";
import { milliseconds, toDate } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import { decideReach, type MachineReach } from "./reach";

/** A standard code, how it stands online, and every machine that may hold it. */
export interface CodeReach {
  readonly grantId: string;
  /** null: not ended. */
  readonly endedAs: GrantEnd | null;
  readonly endedAt: Date | null;
  readonly offlineExpiresAt: Date;
  /** Those that may still open by it first, then those that were reached. */
  readonly machines: MachineReach[];
}

interface Row extends Record<string, unknown> {
  grant_id: string;
  ended_as: GrantEnd | null;
  ended: number | null;
  offline: number;
  now: number;
  machine_id: string;
  name: string;
  not_after: number;
  gone: number | null;
  used: number | null;
  machine_ended: "released" | "revoked" | null;
}

/** Lists the codes of a user that any machine may hold or held, and whose hour isn't over for a day. */
export async function listReach(tx: Tx, userId: string): Promise<CodeReach[]> {
  const rows = await tx.execute<Row>(sql`
    select g.id as grant_id, g.ended_as, ${milliseconds`g.ended_at`} as ended, ${milliseconds`a.offline_expires_at`} as offline,
      ${milliseconds`clock_timestamp()`} as now, m.id as machine_id, m.name, m.ended_as as machine_ended, ${milliseconds`p.not_after`} as not_after,
      ${milliseconds`p.gone_at`} as gone,
      (select ${milliseconds`max(r.at)`} from receipt r where r.slot_id = a.slot_id and r.machine_id = m.id and r.outcome = 'yes' and r.grant_id = g.id) as used
    from grants g join access_code a on a.grant_id = g.id and a.form = 'standard'
    join package_slot p on p.slot_id = a.slot_id join machine m on m.id = p.machine_id
    where g.user_id = ${userId}::uuid and g.method = 'access_code' and a.offline_expires_at > now() - interval '1 day'
    order by g.created_at desc, g.id, lower(m.name)`);
  const codes = new Map<string, CodeReach>();
  for (const row of rows) {
    const offlineExpiresAt = new Date(row.offline);
    const code = codes.get(row.grant_id) ?? {
      grantId: row.grant_id,
      endedAs: row.ended_as,
      endedAt: toDate(row.ended),
      offlineExpiresAt,
      machines: [],
    };
    codes.set(row.grant_id, code);
    code.machines.push(
      decideReach(
        {
          machineId: row.machine_id,
          name: row.name,
          machineEndedAs: row.machine_ended,
          packageUntil: new Date(row.not_after),
          goneAt: toDate(row.gone),
          usedAt: toDate(row.used),
        },
        offlineExpiresAt,
        new Date(row.now),
      ),
    );
  }
  const order = { may_work: 0, reached: 1, over: 2 };
  for (const { machines } of codes.values()) machines.sort((a, b) => order[a.state] - order[b.state]);
  return [...codes.values()].slice(0, 20);
}

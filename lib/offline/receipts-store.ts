import "server-only";
import { sql } from "drizzle-orm";
import type { ReceiptOutcome } from "@/lib/machines/wire";
import { milliseconds } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";

/** One answer that a machine gave without us, as staff see it. */
export interface ReceiptView {
  readonly id: string;
  readonly seq: number;
  /** By the machine's clock. */
  readonly at: Date;
  /** When it was handed in, by the database's clock. */
  readonly receivedAt: Date;
  readonly outcome: ReceiptOutcome;
  /** null: nobody whom this server knows. */
  readonly user: { readonly id: string; readonly displayName: string } | null;
  readonly slotNumber: number | null;
  /** The grant whose code it was. */
  readonly grantId: string | null;
}

interface Row extends Record<string, unknown> {
  id: string;
  seq: number;
  at: number;
  received: number;
  outcome: ReceiptOutcome;
  user_id: string | null;
  name: string;
  number: number | null;
  grant_id: string | null;
}

/** Lists the receipts of a machine, the newest first, from below `before` on. */
export async function selectReceipts(
  tx: Tx,
  { machineId, before, limit }: { machineId: string; before: number | null; limit: number },
): Promise<ReceiptView[]> {
  const rows = await tx.execute<Row>(sql`
    select r.id, r.seq, ${milliseconds`r.at`} as at, ${milliseconds`r.received_at`} as received,
      r.outcome, u.id as user_id, u.display_name as name, s.number, r.grant_id
    from receipt r left join users u on u.id = r.user_id left join slot s on s.id = r.slot_id
    where r.machine_id = ${machineId}::uuid and (${before}::int is null or r.seq < ${before}::int)
    order by r.seq desc, r.received_at desc, r.id limit ${limit}`);
  return rows.map(({ id, seq, at, received, outcome, user_id, name, number, grant_id }) => ({
    id,
    seq,
    at: new Date(at),
    receivedAt: new Date(received),
    outcome,
    user: user_id === null ? null : { id: user_id, displayName: name },
    slotNumber: number,
    grantId: grant_id,
  }));
}

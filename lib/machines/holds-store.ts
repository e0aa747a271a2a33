import "server-only";
import { sql } from "drizzle-orm";
import { milliseconds, toDate } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { HeldSlot, MachineHolds } from "./holds";

interface Row extends Record<string, unknown> {
  id: string;
  name: string;
  contact: number | null;
  stored: number | null;
  until: number | null;
  slots: HeldSlot[];
}

/**
 * Lists the enrolled machines that a user is on, or whose packages hold a slot of theirs, the last synced first, with the slots
 * that could still be issued for each and, of those issued, `issuedSlotId`.
 */
export async function listHolds(
  tx: Tx,
  userId: string,
  issuedSlotId: string | null,
): Promise<MachineHolds[]> {
  const rows = await tx.execute<Row>(sql`
    with held as (
      select p.machine_id, json_agg(json_build_object('slotId', s.id, 'number', s.number, 'kind', s.kind) order by s.number) as slots
      from slot s join package_slot p on p.slot_id = s.id and p.stored_at is not null and p.gone_at is null
      where s.user_id = ${userId}::uuid and s.retired_at is null and (s.issued_at is null or s.id = ${issuedSlotId}::uuid)
      group by p.machine_id
    )
    select m.id, m.name, ${milliseconds`m.last_contact_at`} as contact,
      ${milliseconds`m.stored_at`} as stored, ${milliseconds`m.stored_not_after`} as until,
      coalesce(h.slots, '[]') as slots
    from machine m left join held h on h.machine_id = m.id
    where m.ended_at is null and (h.machine_id is not null
      or exists (select from machine_user u where u.machine_id = m.id and u.user_id = ${userId}::uuid))
    order by m.stored_at desc nulls last, lower(m.name)`);
  return rows.map(({ id, name, contact, stored, until, slots }) => ({
    machineId: id,
    name,
    lastContactAt: toDate(contact),
    syncedAt: toDate(stored),
    packageUntil: toDate(until),
    slots,
  }));
}

import "server-only";
import { and, eq, isNull, lt, sql } from "drizzle-orm";
import { slot } from "@/db/schema/codes";
import type { Tx } from "@/lib/platform/transaction";
import type { SlotKind } from "./holds";

/** Which slot is looked for. */
export interface WantedSlot {
  readonly userId: string;
  readonly kind: SlotKind;
  /** The machine that the code should work on before all others; null: none is known. */
  readonly machineId: string | null;
  readonly generation: number;
  /** When the code is to expire online: the slot's chain must reach it. */
  readonly expiresAt: Date;
}

/** An open slot as it lies: its seed is sealed. */
export interface SealedSlot {
  readonly id: string;
  readonly userId: string;
  readonly number: number;
  readonly kind: SlotKind;
  readonly slotEpoch: Date;
  readonly salt: Uint8Array;
  readonly anchor: Uint8Array;
  readonly seedCipher: Uint8Array | null;
  readonly seedKeyId: string | null;
}

const isOpen = and(isNull(slot.issuedAt), isNull(slot.retiredAt));

/** Whether a user has any slot that was made ahead and could be issued. */
export async function hasOpenSlot(tx: Tx, userId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: slot.id })
    .from(slot)
    .where(and(eq(slot.userId, userId), isOpen))
    .limit(1);
  return rows.length > 0;
}

/**
 * Finds the slot that an issue takes now: the lowest that the chosen machine holds, else the lowest that any unexpired package
 * holds, else the lowest that there is; never one below a number that was issued.
 * @param forIssue It is locked for whoever issues; one that is retired at this moment is not found, and no other in its place.
 */
export async function findSlotToTake(
  tx: Tx,
  wanted: WantedSlot,
  { forIssue = false }: { forIssue?: boolean } = {},
): Promise<SealedSlot | undefined> {
  const heldBy = (machine: ReturnType<typeof sql>) => sql`exists (
    select from package_slot p join machine m on m.id = p.machine_id
    where p.slot_id = ${slot.id} and p.stored_at is not null and p.gone_at is null
      and m.ended_at is null and m.stored_not_after > clock_timestamp() and ${machine})`;
  const query = tx
    .select({
      id: slot.id,
      userId: slot.userId,
      number: slot.number,
      kind: slot.kind,
      slotEpoch: slot.slotEpoch,
      salt: slot.salt,
      anchor: slot.anchor,
      seedCipher: slot.seedCipher,
      seedKeyId: slot.seedKeyId,
    })
    .from(slot)
    .where(
      and(
        eq(slot.userId, wanted.userId),
        eq(slot.kind, wanted.kind),
        eq(slot.generation, wanted.generation),
        isOpen,
        sql`${slot.slotEpoch} <= clock_timestamp()`,
        sql`${slot.slotEpoch} + interval '1023 hours' >= ${wanted.expiresAt.toISOString()}::timestamptz`,
        sql`${slot.number} > (select coalesce(max(i.number), 0) from slot i where i.user_id = ${wanted.userId} and i.issued_at is not null)`,
      ),
    )
    .orderBy(
      sql`${heldBy(sql`m.id = ${wanted.machineId}::uuid`)} desc`,
      sql`${heldBy(sql`true`)} desc`,
      slot.number,
    )
    .limit(1);
  const [row] = await (forIssue ? query.for("update") : query);
  return row;
}

/** Marks an open slot as issued and deletes its seed. @returns whether it was open until now. */
export async function markIssued(tx: Tx, slotId: string, at: Date): Promise<boolean> {
  const rows = await tx
    .update(slot)
    .set({ issuedAt: at, seedCipher: null, seedKeyId: null })
    .where(and(eq(slot.id, slotId), isOpen))
    .returning({ id: slot.id });
  return rows.length === 1;
}

/** Retires the user's open slots below `number` and deletes their seeds. @returns how many. */
export async function retireBelow(tx: Tx, userId: string, number: number, at: Date): Promise<number> {
  const rows = await tx
    .update(slot)
    .set({ retiredAt: at, seedCipher: null, seedKeyId: null })
    .where(and(eq(slot.userId, userId), lt(slot.number, number), isOpen))
    .returning({ id: slot.id });
  return rows.length;
}

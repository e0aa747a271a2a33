import "server-only";
import { and, eq, isNull, sql } from "drizzle-orm";
import { machine } from "@/db/schema/machines";
import type { Tx } from "@/lib/platform/transaction";

/** Ends an enrolled machine. @returns whether this call did. */
export async function endMachine(
  tx: Tx,
  machineId: string,
  ending: { as: "released" | "revoked"; by: string; reason: string | null },
): Promise<boolean> {
  const rows = await tx
    .update(machine)
    .set({ endedAt: sql`now()`, endedAs: ending.as, endedBy: ending.by, endReason: ending.reason })
    .where(and(eq(machine.id, machineId), isNull(machine.endedAt)))
    .returning({ id: machine.id });
  return rows.length === 1;
}

/** Whether a machine was released or revoked; it is locked for whoever asks. */
export async function hasEnded(tx: Tx, machineId: string): Promise<boolean> {
  const [row] = await tx
    .select({ endedAt: machine.endedAt })
    .from(machine)
    .where(eq(machine.id, machineId))
    .for("no key update");
  return row !== undefined && row.endedAt !== null;
}

/** Notes that a machine holds nothing any more. @returns how many slots it may have held until now. */
export async function clearHolds(tx: Tx, machineId: string): Promise<number> {
  const rows = await tx.execute(
    sql`update package_slot set gone_at = clock_timestamp() where machine_id = ${machineId}::uuid and gone_at is null returning 1`,
  );
  return rows.length;
}

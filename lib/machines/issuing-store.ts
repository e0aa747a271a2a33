import "server-only";
import { isNotNull, isNull, sql } from "drizzle-orm";
import { serverState } from "@/db/schema/platform";
import { Fault } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";

/** Since when nothing is issued, and why; both null: issuing goes on. */
export interface IssuingStop {
  stoppedAt: Date | null;
  reason: string | null;
}

const stop = { stoppedAt: serverState.issuingStoppedAt, reason: serverState.issuingStoppedReason };

/** Reads whether issuing is stopped. */
export async function readStop(tx: Tx): Promise<IssuingStop> {
  const [row] = await tx.select(stop).from(serverState);
  if (row === undefined) throw new Fault("the server's state is missing");
  return row;
}

/** Locks the state of issuing until this transaction ends. */
export async function lockStop(tx: Tx): Promise<IssuingStop> {
  const [row] = await tx.select(stop).from(serverState).for("update");
  if (row === undefined) throw new Fault("the server's state is missing");
  return row;
}

/** Stops issuing unless it is stopped. @returns whether this call did. */
export async function markStopped(tx: Tx, reason: string): Promise<boolean> {
  const rows = await tx
    .update(serverState)
    .set({ issuingStoppedAt: sql`now()`, issuingStoppedReason: reason })
    .where(isNull(serverState.issuingStoppedAt))
    .returning({ id: serverState.id });
  return rows.length > 0;
}

/** Lets issuing go on. */
export async function clearStop(tx: Tx): Promise<void> {
  await tx
    .update(serverState)
    .set({ issuingStoppedAt: null, issuingStoppedReason: null })
    .where(isNotNull(serverState.issuingStoppedAt));
}

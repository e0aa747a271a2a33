import "server-only";
import { isNotNull } from "drizzle-orm";
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

/** Lets issuing go on. */
export async function clearStop(tx: Tx): Promise<void> {
  await tx
    .update(serverState)
    .set({ issuingStoppedAt: null, issuingStoppedReason: null })
    .where(isNotNull(serverState.issuingStoppedAt));
}

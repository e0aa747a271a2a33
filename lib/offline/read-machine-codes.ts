import "server-only";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { MachineIdInput } from "./input";
import { countOpenSlots, type MachineCode, selectMachineCodes } from "./machine-codes-store";

const codesMax = 50;

/** What a machine may open by, and what would die with it. */
export interface MachineCodes {
  /** Codes that it holds or held, until a day after their offline hour, the newest first, 50 at most. */
  readonly codes: MachineCode[];
  /** How many codes that could still be issued for it would never be, were it revoked. */
  readonly openSlots: number;
}

/**
 * Reads which codes a machine may open by without a network, whatever became of them online, and how many more it is ready for.
 * What `revokeMachine` would end is `openSlots`, and of `codes` those that live and that it may still open by.
 * @throws {Denied} without `machine:read`. Reads only: no event.
 * @see offline, "Receipts and what a revocation reaches"
 */
export async function readMachineCodes(ctx: Context, input: MachineIdInput): Promise<MachineCodes> {
  await requirePermission(ctx, "machine:read");
  return inTransaction(async (tx) => ({
    codes: await selectMachineCodes(tx, input.machineId, codesMax),
    openSlots: await countOpenSlots(tx, input.machineId),
  }));
}

import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { ListMachinesInput } from "./input";
import { type MachineDetails, type MachineView, selectMachine, selectMachines } from "./read-store";

/** A page of machines; `next` is the `after` of the one behind it. */
export interface MachinePage {
  readonly machines: MachineView[];
  readonly next: [string, string] | null;
}

/**
 * Lists machines by name: enrolled ones, or those that ended.
 * @throws {Denied} without `machine:read`.
 */
export async function listMachines(ctx: Context, input: ListMachinesInput): Promise<MachinePage> {
  await requirePermission(ctx, "machine:read");
  const found = await inTransaction((tx) => selectMachines(tx, { ...input, limit: input.limit + 1 }));
  const machines = found.slice(0, input.limit);
  const last = machines.at(-1);
  return {
    machines,
    next: found.length > machines.length && last !== undefined ? [last.name, last.id] : null,
  };
}

/**
 * Reads one machine: who is on it, what it is known to hold, and how many more codes could be issued for it offline.
 * Refuses `not_found`.
 * @throws {Denied} without `machine:read`.
 */
export async function readMachine(
  ctx: Context,
  input: { machineId: string },
): Promise<Success<{ machine: MachineDetails }> | Refusal<"not_found">> {
  await requirePermission(ctx, "machine:read");
  const machine = await inTransaction((tx) => selectMachine(tx, input.machineId));
  return machine === undefined ? refuse("not_found") : { ok: true, machine };
}

import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Actor, Context } from "@/lib/platform/context";
import { Denied } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import type { Machine } from "./model";

/** Who acts where `machine` signed its request. */
export function toMachineActor(machine: Machine): Extract<Actor, { kind: "machine" }> {
  return { kind: "machine", machineId: machine.id, name: machine.name };
}

/**
 * Requires a machine that signed its request, which needs no permission for what is its own: the first line of such a verb.
 * @returns who it is.
 * @throws {Denied} for everybody else, audited as by `requirePermission`.
 */
export async function requireMachine(ctx: Context): Promise<Machine> {
  if (ctx.actor.kind === "machine") return { id: ctx.actor.machineId, name: ctx.actor.name };
  await inTransaction((tx) =>
    recordEvent(tx, ctx, { kind: "access.denied", outcome: "denied", reason: "own-machine" }),
  );
  throw new Denied("own-machine", "actor");
}

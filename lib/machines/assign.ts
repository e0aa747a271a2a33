import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { type Context, nameActor } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { deleteMachineUser, insertMachineUser } from "./assign-store";
import type { AssignUserInput } from "./input";
import { enqueueSlots } from "./keep-slots";

/**
 * Puts a user on a machine by hand: its next package holds what their codes are judged by.
 * Refuses `not_found`: no such user, or no such machine that is enrolled. Somebody who is on it already stays, from now on by hand.
 * @throws {Denied} without `machine:manage`.
 * @see audit `machine.assigned`; offline, "Package"
 */
export async function assignUser(
  ctx: Context,
  input: AssignUserInput,
): Promise<Success | Refusal<"not_found">> {
  await requirePermission(ctx, "machine:manage", { userId: input.userId });
  return inTransaction(async (tx) => {
    const put = await insertMachineUser(tx, { ...input, addedBy: nameActor(ctx.actor) });
    if (put === undefined) {
      await record(tx, ctx, "machine.assigned", input, "not_found");
      return refuse("not_found");
    }
    if (put === "added") await enqueueSlots(tx, ctx, input);
    await record(tx, ctx, "machine.assigned", input);
    return { ok: true };
  });
}

/**
 * Takes a user off a machine, however they came on it: its next package knows nothing of them. Until it has synced, what it
 * holds may still be good there. Who signs in there again is on it again.
 * Refuses `not_found`: they are not on it.
 * @throws {Denied} without `machine:manage`.
 * @see audit `machine.unassigned`
 */
export async function unassignUser(
  ctx: Context,
  input: AssignUserInput,
): Promise<Success | Refusal<"not_found">> {
  await requirePermission(ctx, "machine:manage", { userId: input.userId });
  return inTransaction(async (tx) => {
    const gone = await deleteMachineUser(tx, input.machineId, input.userId);
    await record(tx, ctx, "machine.unassigned", input, gone ? undefined : "not_found");
    return gone ? { ok: true } : refuse("not_found");
  });
}

async function record(
  tx: Tx,
  ctx: Context,
  kind: "machine.assigned" | "machine.unassigned",
  { machineId, userId }: AssignUserInput,
  refusal?: "not_found",
): Promise<void> {
  await recordEvent(tx, ctx, {
    kind,
    userId,
    target: { kind: "machine", id: machineId },
    details: { source: "hand" },
    ...(refusal === undefined ? { outcome: "ok" } : { outcome: "refused", reason: refusal }),
  });
}

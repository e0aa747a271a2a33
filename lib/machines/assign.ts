import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { type Context, nameActor } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import {
  type AssignSource,
  deleteMachineUser,
  insertMachineUser,
  replaceDirectoryUsers,
} from "./assign-store";
import { findEnrolled } from "./enrolment-store";
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
    const row = { ...input, source: "hand" as const, addedBy: nameActor(ctx.actor) };
    const put = await insertMachineUser(tx, row);
    if (put === undefined) {
      await record(tx, ctx, "machine.assigned", input, "hand", "not_found");
      return refuse("not_found");
    }
    if (put === "added") await enqueueSlots(tx, ctx, input);
    await record(tx, ctx, "machine.assigned", input, "hand");
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
    await record(tx, ctx, "machine.unassigned", input, "hand", gone ? undefined : "not_found");
    return gone ? { ok: true } : refuse("not_found");
  });
}

/**
 * Brings those whom the directory puts on a machine to `userIds`. Who is on it by hand, or signed in there, stays.
 * @returns how many came and went. Refuses `not_found`: no machine of this name is enrolled. Users who are unknown are left out.
 * @throws {Denied} without `machine:manage`.
 * @see audit `machine.assigned`, `machine.unassigned`, one for each user
 */
export async function assignByDirectory(
  ctx: Context,
  input: { machine: string; userIds: readonly string[] },
): Promise<Success<{ added: number; removed: number }> | Refusal<"not_found">> {
  await requirePermission(ctx, "machine:manage");
  return inTransaction(async (tx) => {
    const machine = await findEnrolled(tx, input.machine);
    if (machine === undefined) return refuse("not_found");
    const { added, removed } = await replaceDirectoryUsers(tx, machine.id, input.userIds);
    const about = (userId: string) => ({ machineId: machine.id, userId });
    for (const id of added) await record(tx, ctx, "machine.assigned", about(id), "directory");
    for (const id of removed) await record(tx, ctx, "machine.unassigned", about(id), "directory");
    if (added.length > 0) await enqueueSlots(tx, ctx, { machineId: machine.id });
    return { ok: true, added: added.length, removed: removed.length };
  });
}

/**
 * Puts a user who signed in on a machine on it, in the caller's transaction; somebody who is on it already stays as they are.
 * @returns whether they are new on it. Audit `machine.assigned`.
 * @see offline, "Package": "or who signed in on it before"
 */
export async function noteSignIn(tx: Tx, ctx: Context, about: AssignUserInput): Promise<boolean> {
  const put = await insertMachineUser(tx, { ...about, source: "signin", addedBy: null });
  if (put !== "added") return false;
  await record(tx, ctx, "machine.assigned", about, "signin");
  await enqueueSlots(tx, ctx, about);
  return true;
}

async function record(
  tx: Tx,
  ctx: Context,
  kind: "machine.assigned" | "machine.unassigned",
  { machineId, userId }: AssignUserInput,
  source: AssignSource,
  refusal?: "not_found",
): Promise<void> {
  await recordEvent(tx, ctx, {
    kind,
    userId,
    target: { kind: "machine", id: machineId },
    details: { source },
    ...(refusal === undefined ? { outcome: "ok" } : { outcome: "refused", reason: refusal }),
  });
}

import "server-only";
import type { z } from "zod";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import type { changeStaffInput } from "./input";
import { isSelf } from "./model";
import { refuseRecorded, refuseStale } from "./refusal";
import { requirePermission } from "./require-permission";
import { lockOwners, lockStaff, updateStaff } from "./store";

/**
 * Changes name, role or directory id of a staff member. A role counts from their next request on.
 *
 * Nobody changes their own role or directory id (who one is in the directory decides whom one may not help), and the last
 * owner stays one, also where two owners act at once.
 *
 * Refusals: `step_up_needed`, `not_found`, `yourself`, `last_owner`. Throws Denied without `staff:manage`. Audit: `staff.changed`.
 */
export async function changeStaff(
  ctx: Context,
  input: z.output<typeof changeStaffInput>,
): Promise<Success | Refusal<"step_up_needed" | "not_found" | "yourself" | "last_owner">> {
  await requirePermission(ctx, "staff:manage");
  const { staffId, name, role, userDirectoryId } = input;
  const stale = await refuseStale(ctx, "staff.changed", staffId);
  if (stale !== undefined) return stale;
  return inTransaction(async (tx) => {
    const owners = await lockOwners(tx);
    const staff = await lockStaff(tx, staffId);
    if (staff === undefined) return refuseRecorded(tx, ctx, "staff.changed", "not_found", staffId);
    const newRole = role !== undefined && role !== staff.role ? role : undefined;
    const newDirectoryId =
      userDirectoryId !== undefined && userDirectoryId !== staff.userDirectoryId
        ? userDirectoryId
        : undefined;
    if (isSelf(ctx.actor, staffId) && (newRole !== undefined || newDirectoryId !== undefined))
      return refuseRecorded(tx, ctx, "staff.changed", "yourself", staffId);
    if (newRole !== undefined && owners.length === 1 && owners[0] === staffId)
      return refuseRecorded(tx, ctx, "staff.changed", "last_owner", staffId);
    const newName = name !== undefined && name !== staff.name ? name : undefined;
    if (newName === undefined && newRole === undefined && newDirectoryId === undefined) return { ok: true };
    await updateStaff(tx, staffId, {
      ...(newName === undefined ? {} : { name: newName }),
      ...(newRole === undefined ? {} : { role: newRole }),
      ...(newDirectoryId === undefined ? {} : { userDirectoryId: newDirectoryId }),
    });
    await recordEvent(tx, ctx, {
      kind: "staff.changed",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: {
        ...(newRole === undefined ? {} : { roleBefore: staff.role, role: newRole }),
        ...(newName === undefined ? {} : { name: "changed" }),
        ...(newDirectoryId === undefined ? {} : { userDirectoryId: "changed" }),
      },
    });
    return { ok: true };
  });
}

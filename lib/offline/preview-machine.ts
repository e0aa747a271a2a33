import "server-only";
import type { NotThere } from "@/lib/machines/holds";
import { selectMachine } from "@/lib/machines/read-store";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { MachineIdInput } from "./input";
import { type PreviewedMachine, previewFor } from "./preview-offline";

/** Who is judged one by one; a machine that more are on says so. */
const previewedUsersMax = 25;

/** Whether a code that is issued to a user now would open a machine that lost its network now. */
export interface PreviewedUser extends Pick<PreviewedMachine, "works" | "until" | "leftAfter" | "openLeft"> {
  readonly userId: string;
  readonly why: NotThere | "user_disabled" | null;
}

/**
 * Tells, user by user, whether a machine that lost its network now would open by a code that is issued now.
 * @returns the first 25 who are on it, in the order of their names. Refuses `not_found` and `ended` (released or revoked:
 *   nothing is issued for it any more).
 * @throws {Denied} without `machine:read`. Reads only: no event.
 * @see offline, "Package"
 */
export async function previewMachine(
  ctx: Context,
  { machineId }: MachineIdInput,
): Promise<Success<{ users: PreviewedUser[] }> | Refusal<"not_found" | "ended">> {
  await requirePermission(ctx, "machine:read");
  return inTransaction(async (tx) => {
    const machine = await selectMachine(tx, machineId);
    if (machine === undefined) return refuse("not_found");
    if (machine.endedAs !== null) return refuse("ended");
    const users: PreviewedUser[] = [];
    for (const { userId, isDisabled } of machine.people.slice(0, previewedUsersMax)) {
      const { machines } = await previewFor(tx, { userId, machineId });
      const there = machines.find((each) => each.machineId === machineId);
      const works = there?.works === true && !isDisabled;
      users.push({
        userId,
        works,
        until: works ? (there?.until ?? null) : null,
        leftAfter: works ? (there?.leftAfter ?? null) : null,
        openLeft: there?.openLeft ?? 0,
        why: isDisabled ? "user_disabled" : works ? null : (there?.why ?? "no_package"),
      });
    }
    return { ok: true, users };
  });
}

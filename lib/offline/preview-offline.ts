import "server-only";
import { toSlotHours } from "@/lib/codes/forge";
import { getIssueState } from "@/lib/grants/store";
import { decideOffline, type MachineHolds, type NotThere, type SlotKind } from "@/lib/machines/holds";
import { listHolds } from "@/lib/machines/holds-store";
import { findSlotToTake } from "@/lib/machines/take-slot-store";
import type { Context } from "@/lib/platform/context";
import type { Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import type { PreviewOfflineInput } from "./input";

/** A machine of the user's, and whether a code that is issued now would work on it if it lost its network now. */
export interface PreviewedMachine extends Pick<MachineHolds, "machineId" | "name" | "lastContactAt"> {
  /** When it stored the package that it holds. */
  readonly syncedAt: Date | null;
  readonly packageUntil: Date | null;
  /** How many codes of the kind could be issued for it before it must sync. */
  readonly openLeft: number;
  /** Whether the code would work there. */
  readonly works: boolean;
  /** Until when, of one that works. */
  readonly until: Date | null;
  /** How many more codes of the kind after this one, of one that works. */
  readonly leftAfter: number | null;
  /** Why not, of one where it wouldn't. */
  readonly why: NotThere | null;
}

/** Where a standard code would work without a network. */
export interface OfflinePreview {
  /** The database's clock. */
  readonly now: Date;
  readonly kind: SlotKind;
  /** The last synced first; none: the user is on no machine. */
  readonly machines: PreviewedMachine[];
}

/**
 * Tells before a standard code is issued where it would work without a network and where not, by the same choice of slot that
 * `issueGrant` makes: nothing is taken, and whoever issues first has the slot.
 *
 * @param input.uses, input.windowSeconds what will be asked for; the policy's where they are left out.
 * @param input.machineId The machine that the user sits at.
 * @returns every machine that the user is on or whose package holds a slot of theirs; none of a user who doesn't exist.
 * @throws {Denied} without `machine:read`. Reads only: no event.
 * @see offline, "Package": the console says so by name before the code is issued
 */
export async function previewOffline(
  ctx: Context,
  input: PreviewOfflineInput,
): Promise<Success<OfflinePreview>> {
  await requirePermission(ctx, "machine:read", { userId: input.userId });
  return inTransaction(async (tx) => ({ ok: true as const, ...(await previewFor(tx, input)) }));
}

/** Decides what `previewOffline` tells, in the caller's transaction. */
export async function previewFor(tx: Tx, input: PreviewOfflineInput): Promise<OfflinePreview> {
  const { userId, machineId = null } = input;
  const { policy } = await getPolicy(tx);
  const { now, generation } = await getIssueState(tx);
  const kind = policy.accessCode.lockedUses ?? input.uses ?? policy.grants.uses.access_code;
  const seconds =
    policy.accessCode.lockedWindowSeconds ?? input.windowSeconds ?? policy.grants.windowSeconds.access_code;
  const expiresAt = new Date(now.getTime() + seconds * 1000);
  const slot = await findSlotToTake(tx, { userId, kind, machineId, generation, expiresAt });
  const holds = await listHolds(tx, userId, null);
  const code =
    slot === undefined
      ? null
      : { slotId: slot.id, number: slot.number, kind, ...toSlotHours(slot.slotEpoch, expiresAt) };
  const { worksOn, notOn } = decideOffline(holds, code, now);
  return {
    now,
    kind,
    machines: holds.map(({ slots, ...machine }) => {
      const works = worksOn.find((each) => each.machineId === machine.machineId);
      const not = notOn.find((each) => each.machineId === machine.machineId);
      return {
        ...machine,
        openLeft: slots.filter((each) => each.kind === kind).length,
        works: works !== undefined,
        until: works?.until ?? null,
        leftAfter: works?.leftAfter ?? null,
        why: not?.why ?? null,
      };
    }),
  };
}

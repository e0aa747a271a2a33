import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { closeExpired } from "@/lib/grants/close";
import { toIssuer } from "@/lib/grants/model";
import { notifyUser } from "@/lib/grants/notify";
import { endGrant, getIssueState } from "@/lib/grants/store";
import { enqueueSlots } from "@/lib/machines/keep-slots";
import { type Context, nameActor } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import type { RevokeMachineInput } from "./input";
import {
  disbelieveLeaving,
  type HeldGrant,
  listHeldGrants,
  lockAnyMachine,
  lockHolders,
  retireHeld,
  updateRevoked,
} from "./revoke-machine-store";

/** What the end of a machine brought. */
export interface RevokedMachine {
  readonly machineId: string;
  readonly name: string;
  /** How many codes that could still have been issued for it never will be. */
  readonly slotsRetired: number;
  /** The live codes that it may hold: they were revoked, and their users need new ones. */
  readonly codesRevoked: readonly Pick<HeldGrant, "id" | "userId" | "displayName">[];
}

/**
 * Revokes a lost machine: from this commit on its requests are refused, no code is ever issued from a slot that its packages
 * held, and the live codes on it are revoked. Slots are shared by all machines of a user, so the users' other machines are given
 * new ones at their next sync. What the lost machine itself holds may still work there until its package ends: it can't be
 * reached, and `readUserReach` says so. One that was released may be revoked too, and one that left: that it holds nothing any more
 * is then no longer believed.
 *
 * @param input.reason what happened, for the log.
 * @returns what ended with it. Refuses `step_up_needed` (staff who showed their second factor too long ago), `machine_not_found`,
 *   `already_revoked`.
 * @throws {Denied} without `machine:manage`.
 * @see audit `machine.revoked`, `grant.revoked` for each code; offline, "Receipts and what a revocation reaches"
 */
export async function revokeMachine(
  ctx: Context,
  input: RevokeMachineInput,
): Promise<Success<RevokedMachine> | Refusal<"step_up_needed" | "machine_not_found" | "already_revoked">> {
  await requirePermission(ctx, "machine:manage");
  const { machineId, reason } = input;
  const event = { kind: "machine.revoked", target: { kind: "machine", id: machineId } } as const;
  return inTransaction(async (tx) => {
    if (needsStepUp(ctx.actor)) return recordRefusal(tx, ctx, event, refuse("step_up_needed"));
    const machine = await lockAnyMachine(tx, machineId);
    if (machine === undefined) return recordRefusal(tx, ctx, event, refuse("machine_not_found"));
    if (machine.endedAs === "revoked") return recordRefusal(tx, ctx, event, refuse("already_revoked"));
    await disbelieveLeaving(tx, machineId);
    await updateRevoked(tx, machineId, nameActor(ctx.actor), reason);
    await lockHolders(tx, machineId);
    const codesRevoked: HeldGrant[] = [];
    for (const grant of await listHeldGrants(tx, machineId))
      if (await end(tx, ctx, grant)) codesRevoked.push(grant);
    const slotsRetired = await retireHeld(tx, machineId);
    await enqueueSlots(tx, ctx);
    await recordEvent(tx, ctx, {
      ...event,
      outcome: "ok",
      details: { machine: machine.name, because: reason, slotsRetired, codesRevoked: codesRevoked.length },
    });
    return {
      ok: true,
      machineId,
      name: machine.name,
      slotsRetired,
      codesRevoked: codesRevoked.map(({ id, userId, displayName }) => ({ id, userId, displayName })),
    };
  });
}

async function end(tx: Tx, ctx: Context, grant: HeldGrant): Promise<boolean> {
  const { now } = await getIssueState(tx);
  if (grant.expiresAt.getTime() <= now.getTime()) {
    await closeExpired(tx, ctx, grant);
    return false;
  }
  const by = toIssuer(ctx.actor).id;
  const ended = await endGrant(tx, grant.id, { as: "revoked", at: now, by, reason: "machine_revoked" });
  if (!ended) return false;
  await recordEvent(tx, ctx, {
    kind: "grant.revoked",
    outcome: "ok",
    reason: "machine_revoked",
    userId: grant.userId,
    userLabel: grant.displayName,
    grantId: grant.id,
    details: { method: grant.method },
  });
  await notifyUser(tx, ctx, { userId: grant.userId, kind: "access_revoked", method: grant.method });
  return true;
}

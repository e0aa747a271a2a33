import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { type Context, nameActor } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import { findEnrolled } from "./enrolment-store";
import type { ReleaseMachineInput } from "./input";
import { clearHolds, endMachine, hasEnded } from "./release-store";
import { requireMachine } from "./require-machine";

/**
 * Releases an enrolled machine: its requests open nothing any more, and its name is free to be enrolled again. What its last package
 * holds may still be good there until that ends, and is shown so: a machine that is lost is revoked instead.
 * Refuses `step_up_needed` (staff who showed their second factor too long ago), `not_found` (no machine of this name is enrolled).
 * @throws {Denied} without `machine:manage`.
 * @see audit `machine.released`; offline, "Enrolment"
 */
export async function releaseMachine(
  ctx: Context,
  input: ReleaseMachineInput,
): Promise<Success<{ machineId: string }> | Refusal<"step_up_needed" | "not_found">> {
  await requirePermission(ctx, "machine:manage");
  const event = { kind: "machine.released", details: { machine: input.machine } } as const;
  return inTransaction(async (tx) => {
    if (needsStepUp(ctx.actor)) return recordRefusal(tx, ctx, event, refuse("step_up_needed"));
    const found = await findEnrolled(tx, input.machine);
    const ending = { as: "released", by: nameActor(ctx.actor), reason: input.reason } as const;
    if (found === undefined || !(await endMachine(tx, found.id, ending)))
      return recordRefusal(tx, ctx, event, refuse("not_found"));
    await recordEvent(tx, ctx, {
      kind: "machine.released",
      outcome: "ok",
      target: { kind: "machine", id: found.id },
      details: { machine: found.name },
    });
    return { ok: true, machineId: found.id };
  });
}

/**
 * Notes that a machine which was released or revoked has withdrawn its package, so that nothing opens it any more as far as it says:
 * who has it and lies is root there, and needs no code. Said again it changes nothing.
 * @returns Refuses `not_ended`: it is enrolled, and whoever told it otherwise was not us.
 * @throws {Denied} where no machine says so.
 * @see audit `machine.withdrawn`; offline, "Receipts and what a revocation reaches"
 */
export async function noteWithdrawn(ctx: Context): Promise<Success | Refusal<"not_ended">> {
  const { id, name } = await requireMachine(ctx);
  return inTransaction(async (tx) => {
    if (!(await hasEnded(tx, id))) return refuse("not_ended");
    const held = await clearHolds(tx, id);
    if (held > 0)
      await recordEvent(tx, ctx, {
        kind: "machine.withdrawn",
        outcome: "ok",
        target: { kind: "machine", id },
        details: { machine: name, slots: held },
      });
    return { ok: true };
  });
}

/**
 * Releases the machine that asks for it itself: it has deleted all that it held, and says so.
 * @throws {Denied} where no machine asks.
 * @see audit `machine.released`
 */
export async function leaveMachine(ctx: Context): Promise<Success> {
  const { id, name } = await requireMachine(ctx);
  return inTransaction(async (tx) => {
    if (await endMachine(tx, id, { as: "released", by: nameActor(ctx.actor), reason: "left" })) {
      await clearHolds(tx, id);
      await recordEvent(tx, ctx, {
        kind: "machine.released",
        outcome: "ok",
        target: { kind: "machine", id },
        details: { machine: name },
      });
    }
    return { ok: true };
  });
}

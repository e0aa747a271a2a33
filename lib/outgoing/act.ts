import "server-only";
import type { EventInput, EventKind } from "@/lib/audit/model";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";

/** What every act on endpoints can be refused for. */
export type ActRefusal = "step_up_needed" | "not_found";

/**
 * Does an act of an owner on one endpoint, in one transaction with its event: what all of them have in common.
 * @param act answers what it did, with what its event says, or why it didn't.
 * @returns refusals of `act`, and `step_up_needed` (staff who showed their second factor over 15 minutes ago).
 * @throws {Denied} without `webhook:manage`.
 * @see limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function actOnEndpoint<Done extends object, Reason extends string>(
  ctx: Context,
  kind: EventKind,
  endpointId: string,
  act: (
    tx: Tx,
    endpointId: string,
  ) => Promise<{ ok: true; done: Done; details?: EventInput["details"] } | { ok: false; reason: Reason }>,
): Promise<({ ok: true } & Done) | Refusal<Reason | "step_up_needed">> {
  await requirePermission(ctx, "webhook:manage");
  const event = { kind, target: { kind: "webhook-endpoint", id: endpointId } };
  return inTransaction(async (tx) => {
    if (needsStepUp(ctx.actor)) return recordRefusal(tx, ctx, event, refuse("step_up_needed"));
    const result = await act(tx, endpointId);
    if (!result.ok) return recordRefusal(tx, ctx, event, refuse(result.reason));
    await recordEvent(tx, ctx, { ...event, outcome: "ok", details: result.details ?? {} });
    return { ok: true, ...result.done };
  });
}

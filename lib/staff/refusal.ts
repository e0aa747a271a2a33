import "server-only";
import type { EventKind } from "@/lib/audit/model";
import { recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { needsStepUp } from "./model";

/** Refuses with `reason`, and records that in the transaction. @param staffId whom it would have been done to, if anybody. */
export async function refuseRecorded<Reason extends string>(
  tx: Tx,
  ctx: Context,
  kind: EventKind,
  reason: Reason,
  staffId?: string,
): Promise<Refusal<Reason>> {
  const target = staffId === undefined ? {} : { target: { kind: "staff", id: staffId } };
  return recordRefusal(tx, ctx, { kind, ...target }, refuse(reason));
}

/**
 * Refuses `step_up_needed` where staff showed their second factor too long ago for a sensitive act, and records that: whoever
 * holds a stolen session shall leave a trace. Undefined: the act may go on. @param staffId whom it would have been done to, if anybody.
 */
export async function refuseStale(
  ctx: Context,
  kind: EventKind,
  staffId?: string,
): Promise<Refusal<"step_up_needed"> | undefined> {
  if (!needsStepUp(ctx.actor)) return undefined;
  return inTransaction((tx) => refuseRecorded(tx, ctx, kind, "step_up_needed", staffId));
}

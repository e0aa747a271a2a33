import "server-only";
import type { Actor, Context } from "@/lib/platform/context";
import type { Refusal } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type { EventInput } from "./model";
import { type EventRow, insertEvent } from "./store";

function identify(actor: Actor): { id: string | null; label: string | null } {
  switch (actor.kind) {
    case "staff":
      return { id: actor.staffId, label: actor.name };
    case "client":
      return { id: actor.clientId, label: actor.name };
    case "machine":
      return { id: actor.machineId, label: actor.name };
    case "system":
    case "operator":
      return { id: actor.name, label: null };
    case "user":
      return { id: null, label: null };
  }
}

/** The row that `event` becomes for whoever acts in `ctx`; for statements that write the event beside their effect. */
export function toEventRow(ctx: Context, event: EventInput): EventRow {
  const { id, label } = identify(ctx.actor);
  return {
    kind: event.kind,
    outcome: event.outcome,
    reason: event.reason ?? null,
    actorKind: ctx.actor.kind,
    actorId: id,
    userId: event.userId ?? null,
    grantId: event.grantId ?? null,
    targetKind: event.target?.kind ?? null,
    targetId: event.target?.id ?? null,
    requestId: ctx.requestId,
    details: JSON.stringify(event.details ?? {}),
    actorLabel: label,
    userLabel: event.userLabel ?? null,
    sourceIp: ctx.sourceIp,
    userAgent: ctx.userAgent?.slice(0, 300) ?? null,
  };
}

/**
 * Records what happened, in the transaction of its effect: the one is there if and only if the other is.
 * Who, from where, when and the request id come from `ctx` and the database (limits, "logs"; ASVS 16.2).
 */
export async function recordEvent(tx: Tx, ctx: Context, event: EventInput): Promise<void> {
  await insertEvent(tx, toEventRow(ctx, event));
}

/** Records that `event` was refused, for the reason of `refusal`, in the transaction that refuses it, and answers `refusal`. */
export async function recordRefusal<R extends Refusal<string>>(
  tx: Tx,
  ctx: Context,
  event: Omit<EventInput, "outcome" | "reason">,
  refusal: R,
): Promise<R> {
  await recordEvent(tx, ctx, { ...event, outcome: "refused", reason: refusal.reason });
  return refusal;
}

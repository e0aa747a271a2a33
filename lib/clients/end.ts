import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import { forgetClients } from "./cache";
import type { EndClientInput } from "./input";
import { updateEnded } from "./store";

/**
 * Ends a client: its key or token opens nothing any more, in this process at once, in others within `clientCacheSeconds`.
 *
 * Refuses `step_up_needed` (staff who showed their second factor over 15 minutes ago); `not_found` where there is no such client,
 * or it ended before.
 *
 * @throws {Denied} without `client:manage`.
 * Records `client.ended`.
 * @see limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function endClient(
  ctx: Context,
  input: EndClientInput,
): Promise<Success | Refusal<"step_up_needed" | "not_found">> {
  await requirePermission(ctx, "client:manage");
  const event = { kind: "client.ended", target: { kind: "client", id: input.clientId } } as const;
  const outcome = await inTransaction(async (tx) => {
    if (needsStepUp(ctx.actor)) return recordRefusal(tx, ctx, event, refuse("step_up_needed"));
    const ended = await updateEnded(tx, input.clientId);
    if (ended === undefined) return recordRefusal(tx, ctx, event, refuse("not_found"));
    await recordEvent(tx, ctx, { ...event, outcome: "ok", details: { kind: ended.kind } });
    return { ok: true } as const;
  });
  forgetClients();
  return outcome;
}

import "server-only";
import { recordEvent } from "@/lib/audit/record";
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
  const target = { kind: "client", id: input.clientId };
  const outcome = await inTransaction(async (tx) => {
    const refused = async <Reason extends string>(reason: Reason): Promise<Refusal<Reason>> => {
      await recordEvent(tx, ctx, { kind: "client.ended", outcome: "refused", reason, target });
      return refuse(reason);
    };
    if (needsStepUp(ctx.actor)) return refused("step_up_needed");
    const ended = await updateEnded(tx, input.clientId);
    if (ended === undefined) return refused("not_found");
    await recordEvent(tx, ctx, {
      kind: "client.ended",
      outcome: "ok",
      target,
      details: { kind: ended.kind },
    });
    return { ok: true } as const;
  });
  forgetClients();
  return outcome;
}

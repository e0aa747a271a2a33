import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { forgetClients } from "./cache";
import type { EndClientInput } from "./input";
import { updateEnded } from "./store";

/**
 * Ends a client: its key or token opens nothing any more, in this process at once, in others within `clientCacheSeconds`.
 *
 * Refuses `not_found` where there is no such client, or it ended before.
 *
 * @throws {Denied} without `client:manage`.
 * Records `client.ended`.
 */
export async function endClient(
  ctx: Context,
  input: EndClientInput,
): Promise<Success | Refusal<"not_found">> {
  await requirePermission(ctx, "client:manage");
  const outcome = await inTransaction(async (tx) => {
    const target = { kind: "client", id: input.clientId };
    const ended = await updateEnded(tx, input.clientId);
    if (ended === undefined) {
      await recordEvent(tx, ctx, { kind: "client.ended", outcome: "refused", reason: "not_found", target });
      return refuse("not_found");
    }
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

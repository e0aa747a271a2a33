import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { type ActRefusal, actOnEndpoint } from "./act";
import { endLive } from "./endpoint-store";
import type { EndpointInput } from "./input";

/**
 * Ends an endpoint for good: it is told of nothing any more, what waits for it is dead, and its secret is gone. What was sent to it stays
 * listed for as long as messages are kept.
 *
 * Refuses `step_up_needed`; `not_found` where there is no such endpoint, or it ended before.
 * @throws {Denied} without `webhook:manage`.
 * Records `webhook-endpoint.ended`.
 */
export async function endEndpoint(
  ctx: Context,
  { endpointId }: EndpointInput,
): Promise<Success | Refusal<ActRefusal>> {
  return actOnEndpoint(ctx, "webhook-endpoint.ended", endpointId, async (tx) =>
    (await endLive(tx, endpointId)) ? { ok: true, done: {} } : refuse("not_found"),
  );
}

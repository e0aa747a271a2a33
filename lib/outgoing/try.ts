import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { type ActRefusal, actOnEndpoint } from "./act";
import { findLive } from "./endpoint-store";
import type { EndpointInput } from "./input";

/**
 * Tries an endpoint: it is told of the try itself (`webhook.test`), whatever else it is told of, and how that ends stands in the list.
 *
 * Refuses `step_up_needed`; `not_found` where no such endpoint lives; `disabled`.
 * @throws {Denied} without `webhook:manage`.
 * Records `webhook-endpoint.tested`, which the message is made from.
 */
export async function tryEndpoint(
  ctx: Context,
  { endpointId }: EndpointInput,
): Promise<Success | Refusal<ActRefusal | "disabled">> {
  return actOnEndpoint(ctx, "webhook-endpoint.tested", endpointId, async (tx) => {
    const endpoint = await findLive(tx, endpointId);
    if (endpoint === undefined) return refuse("not_found");
    return endpoint.isEnabled ? { ok: true, done: {} } : refuse("disabled");
  });
}

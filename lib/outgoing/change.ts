import "server-only";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { type ActRefusal, actOnEndpoint } from "./act";
import { judgeUrl, type UrlRefusal } from "./address";
import { toDetails } from "./create";
import { updateEndpoint } from "./endpoint-store";
import type { ChangeEndpointInput } from "./input";

/**
 * Changes where an endpoint is, what it is called and what it is told of. What waits goes to the new address; the secret stays.
 *
 * Refuses `step_up_needed`; `not_found` where no such endpoint lives; `https_needed`, `address_refused` as `judgeUrl`.
 * @throws {Denied} without `webhook:manage`.
 * Records `webhook-endpoint.changed`.
 */
export async function changeEndpoint(
  ctx: Context,
  { endpointId, ...to }: ChangeEndpointInput,
): Promise<Success | Refusal<ActRefusal | UrlRefusal>> {
  return actOnEndpoint(ctx, "webhook-endpoint.changed", endpointId, async (tx) => {
    const wrong = judgeUrl(new URL(to.url), getConfig().SPAREKEY_WEBHOOK_NETWORKS);
    if (wrong !== null) return refuse(wrong);
    if (!(await updateEndpoint(tx, endpointId, to))) return refuse("not_found");
    return { ok: true, done: {}, details: toDetails(to) };
  });
}

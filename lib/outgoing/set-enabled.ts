import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { type ActRefusal, actOnEndpoint } from "./act";
import { updateDisabled, updateEnabled } from "./endpoint-store";
import type { EnableEndpointInput } from "./input";
import { wakeEndpoint } from "./message-store";
import { sendsAtOnceMax } from "./model";

const kindOf = (isEnabled: boolean) =>
  isEnabled ? ("webhook-endpoint.enabled" as const) : ("webhook-endpoint.disabled" as const);

/**
 * Disables an endpoint, or enables it. While it is disabled its messages are kept, up to `keptSeconds`, and none is sent; what was kept is
 * sent from when it is enabled.
 *
 * Refuses `step_up_needed`; `not_found` where no such endpoint lives, or it is so already.
 * @throws {Denied} without `webhook:manage`.
 * Records `webhook-endpoint.disabled`, `webhook-endpoint.enabled`.
 */
export async function setEndpointEnabled(
  ctx: Context,
  { endpointId, isEnabled }: EnableEndpointInput,
): Promise<Success | Refusal<ActRefusal>> {
  return actOnEndpoint(ctx, kindOf(isEnabled), endpointId, async (tx) => {
    const isChanged = isEnabled
      ? await updateEnabled(tx, endpointId)
      : await updateDisabled(tx, endpointId, "staff");
    if (!isChanged) return refuse("not_found");
    if (isEnabled) await wakeEndpoint(tx, endpointId, sendsAtOnceMax);
    return { ok: true, done: {} };
  });
}

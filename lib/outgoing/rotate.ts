import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { type ActRefusal, actOnEndpoint } from "./act";
import { updateSecret } from "./endpoint-store";
import type { EndpointInput } from "./input";
import { overlapSeconds } from "./model";
import { makeSecret, sealSecret } from "./secret";

/** An endpoint's new secret: the only time that it can be read. */
export type RotateSecretResult = Success<{ endpointId: string; secret: string }> | Refusal<ActRefusal>;

/**
 * Gives an endpoint another secret. For `overlapSeconds` messages are signed by both, so that the receiver can change over; the one
 * before an earlier rotation within that time is good no more.
 *
 * Refuses `step_up_needed`; `not_found` where no such endpoint lives.
 * @throws {Denied} without `webhook:manage`.
 * Records `webhook-endpoint.rotated`.
 * @see Standard Webhooks, "Webhook headers"
 */
export async function rotateSecret(ctx: Context, { endpointId }: EndpointInput): Promise<RotateSecretResult> {
  return actOnEndpoint(ctx, "webhook-endpoint.rotated", endpointId, async (tx) => {
    const secret = makeSecret();
    const isRotated = await updateSecret(tx, endpointId, sealSecret(secret, endpointId), overlapSeconds);
    return isRotated ? { ok: true, done: { endpointId, secret } } : refuse("not_found");
  });
}

import "server-only";
import { randomUUID } from "node:crypto";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { actOnEndpoint } from "./act";
import { judgeUrl, type UrlRefusal } from "./address";
import { countLive, insertEndpoint, lockEndpoints } from "./endpoint-store";
import type { CreateEndpointInput } from "./input";
import { endpointsMax } from "./model";
import { makeSecret, sealSecret } from "./secret";

/** An endpoint just made, with its secret: the only time that it can be read. */
export type CreateEndpointResult =
  | Success<{ endpointId: string; secret: string }>
  | Refusal<"step_up_needed" | "too_many" | UrlRefusal>;

/**
 * Creates an endpoint, which is told of every event of its types from this commit on, and its secret.
 *
 * Refuses `step_up_needed`; `https_needed`, `address_refused` as `judgeUrl`; `too_many` where `endpointsMax` live.
 * @throws {Denied} without `webhook:manage`.
 * Records `webhook-endpoint.created`.
 */
export async function createEndpoint(
  ctx: Context,
  input: CreateEndpointInput,
): Promise<CreateEndpointResult> {
  return actOnEndpoint(ctx, "webhook-endpoint.created", randomUUID(), async (tx, endpointId) => {
    const wrong = judgeUrl(new URL(input.url), getConfig().SPAREKEY_WEBHOOK_NETWORKS);
    if (wrong !== null) return refuse(wrong);
    await lockEndpoints(tx);
    if ((await countLive(tx)) >= endpointsMax) return refuse("too_many");
    const secret = makeSecret();
    const createdBy = ctx.actor.kind === "staff" ? ctx.actor.staffId : ctx.actor.kind;
    await insertEndpoint(tx, { id: endpointId, ...input, createdBy }, sealSecret(secret, endpointId));
    return { ok: true, done: { endpointId, secret }, details: toDetails(input) };
  });
}

/** What the log says of an endpoint as it is wanted: where it is, without what may be secret in a path. */
export function toDetails({ url, eventTypes }: Pick<CreateEndpointInput, "url" | "eventTypes">): {
  origin: string;
  events: string;
} {
  return { origin: new URL(url).origin, events: eventTypes.join(" ") };
}

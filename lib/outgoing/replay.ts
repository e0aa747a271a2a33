import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { findLive } from "./endpoint-store";
import type { ReplayInput } from "./input";
import { lockMessage, resetDead, resetMessage, wakeEndpoint } from "./message-store";
import { sendsAtOnceMax } from "./model";

/** How many messages are sent anew. */
export type ReplayResult = Success<{ count: number }> | Refusal<"not_found" | "endpoint_ended">;

/**
 * Sends messages anew, with the id and the body that they have: one, however it ended, at once and with all its tries; or all dead ones of
 * an endpoint that were made from `since` on. To an endpoint that is disabled they go when it is enabled.
 *
 * Refuses `not_found`; `endpoint_ended`: nothing is signed for it any more.
 * @throws {Denied} without `webhook:manage`.
 * Records `webhook-message.replayed`.
 * @see Standard Webhooks, "Visibility into failures and manual retries"
 */
export async function replayMessages(ctx: Context, input: ReplayInput): Promise<ReplayResult> {
  await requirePermission(ctx, "webhook:manage");
  return inTransaction(async (tx): Promise<ReplayResult> => {
    const result = "messageId" in input ? await replayOne(tx, input) : await replayDead(tx, input);
    const about =
      "messageId" in input ? { messageId: input.messageId } : { since: input.since.toISOString() };
    await recordEvent(tx, ctx, {
      kind: "webhook-message.replayed",
      ...(result.ok ? { outcome: "ok" } : { outcome: "refused", reason: result.reason }),
      ...(result.endpointId === null ? {} : { target: { kind: "webhook-endpoint", id: result.endpointId } }),
      details: { ...about, count: result.ok ? result.count : 0 },
    });
    return result.ok ? { ok: true, count: result.count } : refuse(result.reason);
  });
}

type Done = ReplayResult & { endpointId: string | null };

async function replayOne(tx: Tx, { messageId }: { messageId: string }): Promise<Done> {
  const message = await lockMessage(tx, messageId);
  if (message === undefined) return refuse("not_found", { endpointId: null });
  const { endpointId } = message;
  if (message.hasEnded) return refuse("endpoint_ended", { endpointId });
  await resetMessage(tx, messageId);
  await wakeEndpoint(tx, endpointId, 1);
  return { ok: true, count: 1, endpointId };
}

async function replayDead(tx: Tx, { endpointId, since }: { endpointId: string; since: Date }): Promise<Done> {
  if ((await findLive(tx, endpointId)) === undefined) return refuse("not_found", { endpointId });
  const count = await resetDead(tx, endpointId, since);
  if (count > 0) await wakeEndpoint(tx, endpointId, sendsAtOnceMax);
  return { ok: true, count, endpointId };
}

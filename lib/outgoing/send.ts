import "server-only";
import { randomUUID } from "node:crypto";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { Fault } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { noteDelivered, noteFailed, updateDisabled } from "./endpoint-store";
import {
  type Claimed,
  claimMessage,
  type Destination,
  enqueueMessage,
  insertAttempt,
  keepPayload,
  lockDestination,
  markDelivered,
  markFailed,
  readFacts,
} from "./message-store";
import { type Answer, claimSeconds, decideVerdict, failingSecondsMax, sendsAtOnceMax } from "./model";
import { toPayload } from "./payload";
import type { Post } from "./post-adapter";
import { openSecret, signHeaders } from "./secret";

/** After how long a job gives way to another, so that the worker can stop. */
const turnMs = 10_000;

/**
 * Sends what is due to an endpoint, one message after the other, as a job: at most `sendsAtOnceMax` are under way to it at a time,
 * whoever sends them. Each is claimed before it is sent and settled after; if this process dies in between, the sweep finds it and it
 * is sent again, under the same id: at least once, not exactly once.
 *
 * What was not taken is sent again as `decideVerdict` says; 410 disables the endpoint, and so does a time of `failingSecondsMax`
 * without one message that was taken. What waits then is kept.
 *
 * @returns how many were sent.
 * @throws {Denied} for anybody but the worker; the database's errors. Audit `webhook-endpoint.disabled`.
 * @see Standard Webhooks, "Deliverability and reliability"
 */
export async function sendMessages(
  ctx: Context,
  { endpointId }: { endpointId: string },
  post: Post,
): Promise<number> {
  await requirePermission(ctx, "system:work");
  const begun = performance.now();
  for (let sent = 0; ; sent += 1) {
    if (performance.now() - begun > turnMs) {
      await inTransaction((tx) => enqueueMessage(tx, endpointId, randomUUID(), 0));
      return sent;
    }
    const next = await inTransaction((tx) => claim(tx, endpointId));
    if (next === undefined) return sent;
    const { claimed, payload, destination } = next;
    const sentAt = performance.now();
    const headers = signHeaders({ id: claimed.id, payload }, secretsOf(destination, endpointId), new Date());
    const answer = await post(new URL(destination.url), payload, headers);
    const tookMs = Math.round(performance.now() - sentAt);
    await inTransaction((tx) => settle(tx, ctx, endpointId, claimed, answer, tookMs));
  }
}

async function claim(
  tx: Tx,
  endpointId: string,
): Promise<{ claimed: Claimed; payload: string; destination: Destination } | undefined> {
  const destination = await lockDestination(tx, endpointId);
  if (destination === undefined) return undefined;
  const claimed = await claimMessage(tx, endpointId, { atOnceMax: sendsAtOnceMax, claimSeconds });
  if (claimed === undefined) return undefined;
  if (claimed.payload !== null) return { claimed, payload: claimed.payload, destination };
  const facts = await readFacts(tx, claimed.eventId);
  if (facts === undefined) throw new Fault("a message tells of no event");
  const payload = toPayload(claimed.type, facts);
  await keepPayload(tx, claimed.id, payload);
  return { claimed, payload, destination };
}

function secretsOf(
  { cipher, keyId, previousCipher, previousKeyId }: Destination,
  endpointId: string,
): string[] {
  const secrets = [openSecret({ cipher, keyId }, endpointId)];
  if (previousCipher !== null && previousKeyId !== null)
    secrets.push(openSecret({ cipher: previousCipher, keyId: previousKeyId }, endpointId));
  return secrets;
}

/** The endpoint's row first, as whoever claims does. */
async function settle(
  tx: Tx,
  ctx: Context,
  endpointId: string,
  claimed: Claimed,
  answer: Answer,
  tookMs: number,
): Promise<void> {
  const verdict = decideVerdict(answer, claimed.failures, Math.random());
  const attempt = { messageId: claimed.id, number: claimed.sends, tookMs };
  if (verdict.is === "delivered") {
    await noteDelivered(tx, endpointId);
    await markDelivered(tx, claimed.id);
    return insertAttempt(tx, { ...attempt, nextAt: null }, answer);
  }
  const failingSeconds = await noteFailed(tx, endpointId);
  if (verdict.is === "gone") await disable(tx, ctx, endpointId, "gone");
  else if (failingSeconds > failingSecondsMax) await disable(tx, ctx, endpointId, "failing");
  const waitSeconds = verdict.is === "retry" ? verdict.waitSeconds : 0;
  const failed = await markFailed(
    tx,
    claimed,
    verdict.is === "dead" ? null : { waitSeconds, counts: verdict.is === "retry" },
  );
  if (failed !== undefined && verdict.is === "retry")
    await enqueueMessage(tx, endpointId, claimed.id, waitSeconds);
  await insertAttempt(
    tx,
    { ...attempt, nextAt: verdict.is === "retry" ? (failed?.dueAt ?? null) : null },
    answer,
  );
}

async function disable(tx: Tx, ctx: Context, endpointId: string, reason: "gone" | "failing"): Promise<void> {
  if (!(await updateDisabled(tx, endpointId, reason))) return;
  await recordEvent(tx, ctx, {
    kind: "webhook-endpoint.disabled",
    outcome: "ok",
    reason,
    target: { kind: "webhook-endpoint", id: endpointId },
  });
}

import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { toEventRow } from "@/lib/audit/record";
import type { EventRow } from "@/lib/audit/store";
import type { Context } from "@/lib/platform/context";
import { getLog } from "@/lib/platform/log";
import { inStatement, inTransaction, isDatabaseAway, isDuplicate, type Tx } from "@/lib/platform/transaction";
import { type DeliveryState, type FailureKind, handOversMax, toRetrySeconds } from "./model";
import type { SendOutcome, SpokenMessage, TelephonyProvider } from "./provider";
import { enqueueDelivery } from "./queue";
import { changeState, rememberProviderRef } from "./store";

/** A delivery in *sending* that its holder, and nobody else, hands to the provider. */
export interface Claimed {
  deliveryId: string;
  toE164: string;
  /** How often it is handed over with this time, from 1. */
  handOvers: number;
  /** It is not handed over again later than this from now. */
  secondsLeft: number;
}

/** What is sent: a text, or a call in which a message is spoken. */
export type Content = { text: string } | { spoken: SpokenMessage };

type Kind = "delivery.sent" | "delivery.failed" | "delivery.unknown";

function toEvent(ctx: Context, kind: Kind, claimed: Claimed, failure?: FailureKind): EventRow {
  return toEventRow(ctx, {
    kind,
    outcome: { "delivery.sent": "ok", "delivery.failed": "refused", "delivery.unknown": "fault" }[kind] as
      | "ok"
      | "refused"
      | "fault",
    ...(failure === undefined ? {} : { reason: failure }),
    target: { kind: "delivery", id: claimed.deliveryId },
    details: { handOvers: claimed.handOvers },
  });
}

/**
 * Calls the provider once for a delivery in *sending*, and records what became of it: *sent*, *failed* (certainly not
 * taken), *unknown* (it may have been), or back to *queued* with a later job, which is only where it was certainly not taken,
 * for as long as it is worth sending and at most `handOversMax` times. If this process dies in between the delivery stays in
 * *sending*, and the sweep finds it. A database that is away is waited for.
 *
 * @param onFailed what else to do, in the same transaction, where it was certainly not sent and won't be.
 * @throws the database's error where it stays away. Audit: `delivery.sent`, `delivery.failed`, `delivery.unknown`.
 */
export async function handOver(
  ctx: Context,
  provider: TelephonyProvider,
  claimed: Claimed,
  content: Content,
  onFailed: (tx: Tx) => Promise<void> = async () => undefined,
): Promise<void> {
  const begun = performance.now();
  const outcome = await call(provider, claimed, content);
  const secondsLeft = claimed.secondsLeft - (performance.now() - begun) / 1000;
  await persist(() => record(ctx, claimed, outcome, secondsLeft, onFailed));
}

async function call(
  provider: TelephonyProvider,
  { deliveryId, toE164 }: Claimed,
  content: Content,
): Promise<SendOutcome> {
  return "text" in content
    ? await provider.sendText({ deliveryId, toE164, text: content.text })
    : await provider.placeCall({ deliveryId, toE164, message: content.spoken });
}

async function record(
  ctx: Context,
  claimed: Claimed,
  outcome: SendOutcome,
  secondsLeft: number,
  onFailed: (tx: Tx) => Promise<void>,
): Promise<void> {
  switch (outcome.state) {
    case "accepted":
      return recordAccepted(ctx, claimed, outcome.providerRef);
    case "unknown":
      return recordUnknown(ctx, claimed, outcome.failure);
    case "refused":
      return inTransaction(async (tx) => {
        const wait = toRetrySeconds(claimed.handOvers, outcome.retryAfterSeconds);
        if (outcome.retryable && claimed.handOvers < handOversMax && wait < secondsLeft) {
          if (await requeue(tx, claimed.deliveryId, outcome.failure, wait)) {
            await enqueueDelivery(tx, ctx, claimed.deliveryId, wait);
          }
          return;
        }
        const failed = { from: ["sending", "unknown"], failure: outcome.failure } as const;
        await recordFailed(tx, ctx, claimed, failed, onFailed);
      });
  }
}

async function requeue(tx: Tx, deliveryId: string, failure: FailureKind, dueInSeconds: number) {
  return changeState(tx, deliveryId, { to: "queued", from: ["sending"], failure, dueInSeconds }, undefined);
}

/** Records that a delivery was certainly not sent and won't be, if it is in one of the states `from`; then does `onFailed`. */
export async function recordFailed(
  tx: Tx,
  ctx: Context,
  claimed: Claimed,
  failed: { from: readonly DeliveryState[]; failure: FailureKind },
  onFailed: (tx: Tx) => Promise<void>,
): Promise<void> {
  const event = toEvent(ctx, "delivery.failed", claimed, failed.failure);
  if (await changeState(tx, claimed.deliveryId, { to: "failed", ...failed }, event)) await onFailed(tx);
}

async function recordUnknown(ctx: Context, claimed: Claimed, failure: FailureKind): Promise<void> {
  const event = toEvent(ctx, "delivery.unknown", claimed, failure);
  const change = { to: "unknown", from: ["sending"], failure } as const;
  await inStatement((tx) => changeState(tx, claimed.deliveryId, change, event));
}

/** The provider's report may have come before its answer: then the state moved on, and only its id is news. */
async function recordAccepted(ctx: Context, claimed: Claimed, providerRef: string): Promise<void> {
  const { deliveryId } = claimed;
  const event = toEvent(ctx, "delivery.sent", claimed);
  const change = { to: "sent", from: ["sending", "unknown"], failure: null, providerRef } as const;
  try {
    if (await inStatement((tx) => changeState(tx, deliveryId, change, event))) return;
    await inStatement((tx) => rememberProviderRef(tx, deliveryId, providerRef));
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    getLog().error({ deliveryId }, "the provider gave one id to two deliveries");
    await recordUnknown(ctx, claimed, "unreadable");
  }
}

const persistWaitsMs = [100, 300, 1000, 3000, 10_000];

async function persist(write: () => Promise<void>): Promise<void> {
  for (const waitMs of persistWaitsMs) {
    try {
      return await write();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      await sleep(waitMs);
    }
  }
  await write();
}

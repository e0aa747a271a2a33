import "server-only";
import { randomUUID } from "node:crypto";
import type { EventInput } from "@/lib/audit/model";
import { recordEvent, toEventRow } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { enqueueJob, type NewJob } from "@/lib/platform/jobs-store";
import { type Refusal, refuse } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import { type Channel, type SendRules, toCost } from "./model";
import { insertDelivery, type NewDelivery, spendBudget } from "./store";

function toJob(ctx: Context, deliveryId: string, delaySeconds = 0): NewJob {
  const payload = { deliveryId, requestId: ctx.requestId };
  return { task: "deliver", payload, key: `deliver/${deliveryId}`, delaySeconds };
}

/** Puts the job that hands a delivery over into the queue once more, for now or later; it carries ids only. */
export async function enqueueDelivery(
  tx: Tx,
  ctx: Context,
  deliveryId: string,
  delaySeconds = 0,
): Promise<void> {
  await enqueueJob(tx, toJob(ctx, deliveryId, delaySeconds));
}

function describe(delivery: Omit<NewDelivery, "id">, id?: string, isAgain = false): EventInput {
  return {
    kind: "delivery.asked",
    outcome: "ok",
    userId: delivery.userId,
    grantId: delivery.grantId,
    ...(id === undefined ? {} : { target: { kind: "delivery", id } }),
    details: {
      purpose: delivery.purpose,
      channel: delivery.channel,
      country: delivery.country,
      ...(delivery.noticeKind === null ? {} : { notice: delivery.noticeKind }),
      ...(isAgain ? { again: true } : {}),
    },
  };
}

/** Logs that something was asked for and not sent, and why. */
export async function recordRefusedDelivery(
  tx: Tx,
  ctx: Context,
  delivery: Omit<NewDelivery, "id">,
  reason: string,
): Promise<void> {
  await recordEvent(tx, ctx, { ...describe(delivery), outcome: "refused", reason });
}

/** Today's budget for texts and calls, taken or refused (limits, "money"). Nothing else was written if it is refused. */
export async function takeBudget(
  tx: Tx,
  delivery: { channel: Channel; country: string },
  rules: SendRules["budget"],
): Promise<{ ok: true } | Refusal<"budget">> {
  const cost = toCost(rules, delivery.channel, delivery.country);
  return (await spendBudget(tx, cost, rules.amountPerDay)) ? { ok: true } : refuse("budget");
}

/**
 * Queues a delivery whose budget was taken: row, event (`delivery.asked`) and job, in the caller's transaction.
 * @param isAgain whether it takes the place of an earlier one; the event says so.
 */
export async function queueDelivery(
  tx: Tx,
  ctx: Context,
  delivery: Omit<NewDelivery, "id">,
  isAgain = false,
): Promise<string> {
  const id = randomUUID();
  const event = describe(delivery, id, isAgain);
  await insertDelivery(tx, { ...delivery, id }, toEventRow(ctx, event), toJob(ctx, id));
  return id;
}

import "server-only";
import { toEventRow } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { decideState } from "./model";
import type { DeliveryReport } from "./provider";
import { changeState, insertReport, lockReported, rememberProviderRef } from "./store";

const eventKinds = {
  sent: "delivery.sent",
  delivered: "delivery.delivered",
  failed: "delivery.failed",
} as const;

/**
 * Records what the provider reports of a text or call. Each report is taken once, whatever its way and number of arrivals,
 * and any order of arrival ends in the same state: *delivered* is taken back by a voice mailbox alone, *failed* not by *sent*; a delivery whose
 * answer was lost (*unknown*) is known again. Every report is kept, whether it changes the state or not.
 *
 * @param report verified: who it is from was proven by the door.
 * @returns `changed`: whether the delivery's state is another now. Refusal: `unknown_delivery` (none of ours, or its
 *   provider's id isn't the one that accepted it): to be reported again later.
 * @throws nothing of its own. Audit: `delivery.sent`, `delivery.delivered`, `delivery.failed`, each on a change.
 */
export async function recordDeliveryStatus(
  ctx: Context,
  report: DeliveryReport,
): Promise<Success<{ changed: boolean }> | Refusal<"unknown_delivery">> {
  await requirePermission(ctx, "system:work");
  return inTransaction(async (tx) => {
    const delivery = await lockReported(tx, report);
    if (delivery === undefined) return refuse("unknown_delivery");
    const { providerRef, providerStatus, providerAt, webhookId, failure = null } = report;
    const isNew = await insertReport(tx, {
      deliveryId: delivery.id,
      webhookId,
      status: providerStatus,
      failure,
      providerAt,
    });
    if (!isNew) return { ok: true, changed: false };
    const to = decideState(delivery, { state: report.status, failure });
    if (to === undefined) {
      await rememberProviderRef(tx, delivery.id, providerRef);
      return { ok: true, changed: false };
    }
    const reason = failure ?? "other";
    await changeState(
      tx,
      delivery.id,
      { to, from: [delivery.state], failure: to === "failed" ? reason : null, providerRef },
      toEventRow(ctx, {
        kind: eventKinds[to],
        ...(to === "failed" ? { outcome: "refused", reason } : { outcome: "ok" }),
        target: { kind: "delivery", id: delivery.id },
        details: { from: delivery.state, providerStatus },
      }),
    );
    return { ok: true, changed: true };
  });
}

import "server-only";
import { groupPhone, maskPhone } from "@/lib/directory/phone";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { hasPermission } from "@/lib/staff/permission";
import { requirePermission } from "@/lib/staff/require-permission";
import { type NextStep, toNextStep } from "./failure";
import type { Channel, DeliveryState } from "./model";
import { listOfUser } from "./store";

/** A text or call as staff see it. */
export interface DeliveryView {
  id: string;
  purpose: "otp" | "notice";
  channel: Channel;
  /** Of an OTP. */
  grantId: string | null;
  /** Of a notice. */
  noticeKind: string | null;
  /** Masked, unless the reader may see numbers (`phone:read`): then whole, grouped for reading. */
  to: string;
  state: DeliveryState;
  /** Of one that failed or is unknown, or waits to be tried again: why, and what to do next. */
  failure: { kind: string; nextStep: NextStep } | null;
  /** ISO 8601, UTC; null where it has not come so far. */
  askedAt: string;
  sendingAt: string | null;
  sentAt: string | null;
  deliveredAt: string | null;
  endedAt: string | null;
}

/**
 * Lists the newest texts and calls to a user, newest first, 50 at most.
 * @throws {Denied} without `user:read`.
 */
export async function listDeliveries(ctx: Context, { userId }: { userId: string }): Promise<DeliveryView[]> {
  await requirePermission(ctx, "user:read", { userId });
  const isShown = hasPermission(ctx.actor, "phone:read");
  const rows = await inStatement((tx) => listOfUser(tx, userId));
  return rows.map(({ toE164, failure, ...row }) => ({
    ...row,
    to: isShown ? groupPhone(toE164) : maskPhone(toE164),
    failure: failure === null ? null : { kind: failure, nextStep: toNextStep(failure) },
  }));
}

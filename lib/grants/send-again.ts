import "server-only";
import { recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { readPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import { decideMethod, type MethodRefusal } from "./decide";
import type { SendAgainInput } from "./input";
import { lockUserForAccess } from "./lock-user";
import type { Grant } from "./model";
import { type DeskSendRefusal, sendByDesk } from "./send-by-desk";
import { findGrant, getIssueState } from "./store";

/** What became of a wish to send once more. */
export type SendAgainResult =
  | Success<{ deliveryId: string }>
  | Refusal<"grant_not_found" | "nothing_to_send" | "issuing_stopped">
  | Refusal<"already_ended", { grant: Grant }>
  | MethodRefusal
  | DeskSendRefusal;

/**
 * Sends another text, or calls once more, for access that is live: for a user who waits for one that doesn't come. The window, the
 * uses and the reason stay. New digits take the place of those that the desk sent before; what an attempt of the user asked
 * for stays good.
 *
 * @returns The delivery. Refusals: `grant_not_found`, `nothing_to_send` (an access code is read out, never sent), `already_ended`
 *   (with how), `issuing_stopped`, those of the person and the method as for a new grant (`decideMethod`), `too_soon` (a double
 *   click) and `send_limit` with the wait, `budget`.
 * @throws {Denied} without `grant:issue`.
 * @see audit `delivery.asked`; limits, "OTP sends"
 */
export async function sendAgain(ctx: Context, { grantId }: SendAgainInput): Promise<SendAgainResult> {
  await requirePermission(ctx, "grant:issue", { grantId });
  return inTransaction(async (tx): Promise<SendAgainResult> => {
    const found = await findGrant(tx, grantId);
    const user = found && (await lockUserForAccess(tx, found.userId));
    const grant = user && (await findGrant(tx, grantId));
    const event = {
      kind: "delivery.asked",
      userId: user?.id ?? null,
      userLabel: user?.displayName ?? null,
      grantId: grant?.id ?? null,
      details: { purpose: "otp", channel: grant?.method ?? null },
    } as const;
    if (user === undefined || grant === undefined)
      return recordRefusal(tx, ctx, event, refuse("grant_not_found"));
    const { id, method } = grant;
    if (method === "access_code") return recordRefusal(tx, ctx, event, refuse("nothing_to_send"));
    const { now, issuingStoppedAt } = await getIssueState(tx);
    if (grant.endedAt !== null || grant.expiresAt.getTime() <= now.getTime())
      return recordRefusal(tx, ctx, event, refuse("already_ended", { grant }));
    if (issuingStoppedAt !== null) return recordRefusal(tx, ctx, event, refuse("issuing_stopped"));
    const { policy } = await readPolicy(tx);
    const refusal = decideMethod({ policy, actor: ctx.actor, user, now }, method);
    if (refusal !== undefined) return recordRefusal(tx, ctx, event, refusal);
    return sendByDesk(tx, ctx, user, { id, method }, { policy, now });
  });
}

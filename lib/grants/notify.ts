import "server-only";
import type { NoticeKind } from "@/lib/delivery/message";
import { sendNotice } from "@/lib/delivery/notice";
import type { Context } from "@/lib/platform/context";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import type { Method } from "@/lib/policy/model";
import { requirePermission } from "@/lib/staff/require-permission";

/** What a user is told, and which method it is about. */
export interface GrantNotice {
  readonly userId: string;
  readonly kind: NoticeKind;
  readonly method: Method;
}

/**
 * Tells the user by a text what happened to their emergency access, where a phone is known that does not carry its secret.
 * Nothing depends on it: what can't be sent is in the log.
 * @see limits, "notice to the user"; audit `delivery.asked`
 */
export async function notifyUser(tx: Tx, ctx: Context, notice: GrantNotice): Promise<void> {
  const { userId, kind, method } = notice;
  await sendNotice(tx, ctx, { userId, kind, exceptChannel: method === "access_code" ? undefined : method });
}

/**
 * Tells the user, as the job that was put into the queue with the use or the burst of failures it is about: those who type a
 * code don't wait for it.
 * @throws {Denied} for anybody but the worker.
 */
export async function tellUser(ctx: Context, notice: GrantNotice): Promise<void> {
  await requirePermission(ctx, "system:work");
  await inTransaction((tx) => notifyUser(tx, ctx, notice));
}

import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { ListReceiptsInput } from "./input";
import { type ReceiptView, selectReceipts } from "./receipts-store";

const receiptsPerPage = 20;

/** A page of receipts; `next` is the `before` of the one behind it. */
export interface ReceiptPage {
  readonly receipts: ReceiptView[];
  readonly next: number | null;
}

/**
 * Lists what a machine answered without a network, as far as it was handed in, the newest first, 20 a page.
 * Of a chain that forked both branches are there, under the same numbers.
 * @throws {Denied} without `machine:read`. Reads only: no event.
 * @see offline, "Receipts and what a revocation reaches": with both times
 */
export async function listReceipts(ctx: Context, input: ListReceiptsInput): Promise<ReceiptPage> {
  await requirePermission(ctx, "machine:read");
  const { machineId, before = null } = input;
  const receipts = await inStatement((tx) =>
    selectReceipts(tx, { machineId, before, limit: receiptsPerPage }),
  );
  const last = receipts.at(-1);
  return { receipts, next: receipts.length === receiptsPerPage && last !== undefined ? last.seq : null };
}

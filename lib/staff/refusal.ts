import "server-only";
import type { EventKind } from "@/lib/audit/model";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";

/** Refuses with `reason`, and records that in the transaction. @param staffId whom it would have been done to, if anybody. */
export async function refuseRecorded<Reason extends string>(
  tx: Tx,
  ctx: Context,
  kind: EventKind,
  reason: Reason,
  staffId?: string,
): Promise<Refusal<Reason>> {
  await recordEvent(tx, ctx, {
    kind,
    outcome: "refused",
    reason,
    ...(staffId === undefined ? {} : { target: { kind: "staff", id: staffId } }),
  });
  return refuse(reason);
}

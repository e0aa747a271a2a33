import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Refusal } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { decideRecord, type RefusedWindow } from "./flood";
import type { ClientKind } from "./model";

let window: RefusedWindow = { startedAt: 0, count: 0, left: 0 };

/**
 * Records that somebody who calls itself a client was refused (`client.refused`), and answers `refusal`. Who floods the door can't
 * fill the disk: beyond so many a second (`refusedPerSecondMax`) events are counted, and the next one says how many.
 * @param clientId the client whose key it claimed to be, where there is one.
 */
export async function recordRefusedClient<Reason extends string>(
  origin: Context,
  kind: ClientKind,
  refusal: Refusal<Reason>,
  clientId?: string,
): Promise<Refusal<Reason>> {
  const decided = decideRecord(window, performance.now());
  window = decided.window;
  if (!decided.record) return refusal;
  await inTransaction((tx) =>
    recordEvent(tx, origin, {
      kind: "client.refused",
      outcome: "refused",
      reason: refusal.reason,
      details: decided.unrecorded === 0 ? { kind } : { kind, unrecorded: decided.unrecorded },
      ...(clientId === undefined ? {} : { target: { kind: "client", id: clientId } }),
    }),
  );
  return refusal;
}

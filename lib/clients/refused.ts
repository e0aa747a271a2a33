import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Refusal } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import type { ClientKind } from "./model";

/**
 * Records that somebody who calls itself a client was refused (`client.refused`), and answers `refusal`.
 * @param clientId the client whose key it claimed to be, where there is one.
 */
export async function recordRefusedClient<Reason extends string>(
  origin: Context,
  kind: ClientKind,
  refusal: Refusal<Reason>,
  clientId?: string,
): Promise<Refusal<Reason>> {
  await inTransaction((tx) =>
    recordEvent(tx, origin, {
      kind: "client.refused",
      outcome: "refused",
      reason: refusal.reason,
      details: { kind },
      ...(clientId === undefined ? {} : { target: { kind: "client", id: clientId } }),
    }),
  );
  return refusal;
}

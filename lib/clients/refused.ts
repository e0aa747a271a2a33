import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { countRefused } from "@/lib/audit/count-refused";
import { recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Refusal } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import type { ClientKind } from "./model";
import { decidePace } from "./pace";

/** How many answers wait at a time: each holds a connection. */
const waitingMax = 5_000;

let busyUntil = 0;
let waiting = 0;

/** Waits until the next refusal is to be answered; not where too many wait already. */
async function pace(): Promise<void> {
  const decided = decidePace(busyUntil, performance.now());
  if (decided.waitMilliseconds > 0 && waiting >= waitingMax) return;
  busyUntil = decided.busyUntil;
  if (decided.waitMilliseconds === 0) return;
  waiting += 1;
  await sleep(decided.waitMilliseconds);
  waiting -= 1;
}

/**
 * Records that somebody who calls itself a client was refused (`client.refused`), and answers `refusal`. Who floods the door can't
 * fill the disk: but for so many (`countRefused`) refusals are counted only, and the next event says how many. Nor can they
 * keep the server from everybody else's work: beyond so many a second (`answeredPerSecondMax`) the answers come late.
 * @param clientId the client whose key it claimed to be, where there is one.
 */
export async function recordRefusedClient<Reason extends string>(
  origin: Context,
  kind: ClientKind,
  refusal: Refusal<Reason>,
  clientId?: string,
): Promise<Refusal<Reason>> {
  await pace();
  const counted = countRefused("client");
  if (counted === undefined) return refusal;
  const event = {
    kind: "client.refused",
    details: { kind, ...counted },
    ...(clientId === undefined ? {} : { target: { kind: "client", id: clientId } }),
  } as const;
  return inTransaction((tx) => recordRefusal(tx, origin, event, refusal));
}

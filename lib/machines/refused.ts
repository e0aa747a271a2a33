import "server-only";
import { decideRecord, nothingRefused } from "@/lib/clients/flood";

let recorded = nothingRefused;

/**
 * Decides whether the refusal of a stranger at the agent's door gets an event of its own: who floods it can't fill the disk.
 * @returns what the event says of those before it that got none; undefined: no event.
 */
export function countRefused(): { unrecorded?: number } | undefined {
  const decided = decideRecord(recorded, performance.now());
  recorded = decided.record;
  if (!decided.isRecorded) return undefined;
  return decided.unrecorded === 0 ? {} : { unrecorded: decided.unrecorded };
}

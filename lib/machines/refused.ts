import "server-only";
import { decideRecord, type RefusedWindow } from "@/lib/clients/flood";

let window: RefusedWindow = { startedAt: 0, count: 0, left: 0 };

/**
 * Decides whether the refusal of a stranger at the agent's door gets an event of its own: who floods it can't fill the disk.
 * @returns what the event says of those before it that got none; undefined: no event.
 */
export function countRefused(): { unrecorded?: number } | undefined {
  const decided = decideRecord(window, performance.now());
  window = decided.window;
  if (!decided.record) return undefined;
  return decided.unrecorded === 0 ? {} : { unrecorded: decided.unrecorded };
}

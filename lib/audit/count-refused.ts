import "server-only";
import { processWide } from "@/lib/platform/process-wide";
import { decideRecord, nothingRefused, type RefusedRecord } from "./flood";

const floods = processWide("floods", () => new Map<string, RefusedRecord>());

/**
 * Decides by the clock of this process whether a refusal that strangers can cause without end gets an event (`decideRecord`).
 * @param flood what is counted together, such as a door: one of a few, for each is kept.
 * @param perSecondMax how many of a flood leave an event in a second, after the first.
 * @returns what the event says of those before it that got none; undefined: no event.
 */
export function countRefused(flood: string, perSecondMax?: number): { unrecorded?: number } | undefined {
  const { record, isRecorded, unrecorded } = decideRecord(
    floods.get(flood) ?? nothingRefused,
    performance.now(),
    perSecondMax,
  );
  floods.set(flood, record);
  if (!isRecorded) return undefined;
  return unrecorded === 0 ? {} : { unrecorded };
}

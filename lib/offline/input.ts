import { z } from "zod";
import { isStorable } from "@/lib/platform/storable";
import { usesKinds, windowSecondsLimit, windowSecondsMin } from "@/lib/policy/model";

/** What `previewOffline` takes. */
export const previewOfflineInput = z.strictObject({
  userId: z.uuid(),
  uses: z.enum(usesKinds).optional(),
  windowSeconds: z.coerce.number().int().min(windowSecondsMin).max(windowSecondsLimit).optional(),
  machineId: z.uuid().optional(),
});
export type PreviewOfflineInput = z.output<typeof previewOfflineInput>;

/** What `revokeMachine` takes. */
export const revokeMachineInput = z.strictObject({
  machineId: z.uuid(),
  /** What happened, in words: lost, stolen. */
  reason: z.string().trim().min(1).max(300).refine(isStorable),
});
export type RevokeMachineInput = z.output<typeof revokeMachineInput>;

/** What `listAlarms` takes. */
export interface ListAlarmsInput {
  /** Those that somebody has looked at too. */
  readonly seen?: boolean;
  readonly machineId?: string;
}

/** What `seeAlarm` takes. */
export const seeAlarmInput = z.strictObject({ alarmId: z.uuid() });
export type SeeAlarmInput = z.output<typeof seeAlarmInput>;

/** What the reads about one machine take. */
export interface MachineIdInput {
  readonly machineId: string;
}

/** What `listReceipts` takes. */
export const listReceiptsInput = z.strictObject({
  machineId: z.uuid(),
  /** The number of the last receipt of the page before. */
  before: z.coerce.number().int().min(1).max(2_147_483_647).optional(),
});
export type ListReceiptsInput = z.output<typeof listReceiptsInput>;

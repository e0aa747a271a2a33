import { z } from "zod";
import { isStorable } from "@/lib/platform/storable";
import { machineNameSchema } from "./wire";

/** What `createEnrolmentToken` takes, as `POST /agent/v1/enrolment-tokens` does. */
export const createEnrolmentTokenInput = z.strictObject({
  machine: machineNameSchema,
  users: z.array(z.string().min(1).max(300)).max(500).default([]),
});
export type CreateEnrolmentTokenInput = z.output<typeof createEnrolmentTokenInput>;

/** What `assignUser` and `unassignUser` take. */
export const assignUserInput = z.strictObject({ machineId: z.uuid(), userId: z.uuid() });
export type AssignUserInput = z.output<typeof assignUserInput>;

/** What `releaseMachine` takes: the name of an enrolled machine. */
export const releaseMachineInput = z.strictObject({
  machine: machineNameSchema,
  reason: z.string().trim().max(300).refine(isStorable).nullable().default(null),
});
export type ReleaseMachineInput = z.output<typeof releaseMachineInput>;

/** What `listMachines` takes. */
export const listMachinesInput = z.strictObject({
  /** The beginning of a name, in any case. */
  query: z.string().trim().max(63).refine(isStorable).default(""),
  /** Enrolled ones, or those that were released or revoked. */
  show: z.enum(["enrolled", "ended"]).default("enrolled"),
  /** Only those that this user is on. */
  userId: z.uuid().optional(),
  /** Only those that need a look: with an alarm that nobody has looked at, or without a package that is good. */
  look: z.enum(["alarm", "no_package"]).optional(),
  /** The name and id that the page before ended with. */
  after: z.tuple([z.string().max(63).refine(isStorable), z.uuid()]).optional(),
  limit: z.int().min(1).max(200).default(50),
});
export type ListMachinesInput = z.output<typeof listMachinesInput>;

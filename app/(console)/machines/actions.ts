"use server";

import { z } from "zod";
import { assignUser, unassignUser } from "@/lib/machines/assign";
import { createEnrolmentToken } from "@/lib/machines/create-enrolment-token";
import { assignUserInput, createEnrolmentTokenInput, releaseMachineInput } from "@/lib/machines/input";
import { releaseMachine } from "@/lib/machines/release";
import { announceSigningKey, endSigningKey, putSigningKeyInForce } from "@/lib/machines/rotate-signing-key";
import { seeAlarm } from "@/lib/offline/alarms";
import { revokeMachineInput, seeAlarmInput } from "@/lib/offline/input";
import { revokeMachine } from "@/lib/offline/revoke-machine";
import { staffAction } from "@/lib/staff/action";

const nothing = z.strictObject({});

export const makeTokenAction = staffAction("machine:manage", createEnrolmentTokenInput, createEnrolmentToken);
export const assignAction = staffAction("machine:manage", assignUserInput, assignUser);
export const unassignAction = staffAction("machine:manage", assignUserInput, unassignUser);
export const releaseAction = staffAction("machine:manage", releaseMachineInput, releaseMachine);
export const revokeAction = staffAction("machine:manage", revokeMachineInput, revokeMachine);
export const seeAlarmAction = staffAction("machine:manage", seeAlarmInput, seeAlarm);
export const announceKeyAction = staffAction("machine:manage", nothing, announceSigningKey);
export const forceKeyAction = staffAction("machine:manage", nothing, putSigningKeyInForce);
export const endKeyAction = staffAction(
  "machine:manage",
  z.strictObject({ id: z.string().max(64), force: z.boolean() }),
  endSigningKey,
);

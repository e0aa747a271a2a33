"use server";

import { staffAction } from "@/lib/staff/action";
import { changeStaff } from "@/lib/staff/change";
import { disableStaff, enableStaff } from "@/lib/staff/disable";
import { endStaffSession } from "@/lib/staff/end-session";
import { changeStaffInput, inviteInput, sessionIdInput, staffIdInput } from "@/lib/staff/input";
import { inviteStaff } from "@/lib/staff/invite";
import { resetPassword, resetSecondFactor, unlockStaff } from "@/lib/staff/recover";

export const inviteAction = staffAction("staff:manage", inviteInput, inviteStaff);
export const changeAction = staffAction("staff:manage", changeStaffInput, changeStaff);
export const disableAction = staffAction("staff:manage", staffIdInput, disableStaff);
export const enableAction = staffAction("staff:manage", staffIdInput, enableStaff);
export const unlockAction = staffAction("staff:manage", staffIdInput, unlockStaff);
export const resetPasswordAction = staffAction("staff:manage", staffIdInput, resetPassword);
export const resetFactorAction = staffAction("staff:manage", staffIdInput, resetSecondFactor);
export const endSessionAction = staffAction("staff:manage", sessionIdInput, endStaffSession);

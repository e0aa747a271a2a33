"use server";

import { changeOwnPassword, changeOwnSettings, removePasskey, removeTotp } from "@/lib/staff/account";
import { staffAction } from "@/lib/staff/action";
import { endOtherSessions, endOwnSession } from "@/lib/staff/end-session";
import {
  changePasswordInput,
  nothingInput,
  ownSessionInput,
  passkeyIdInput,
  settingsInput,
} from "@/lib/staff/input";

export const changePasswordAction = staffAction(null, changePasswordInput, changeOwnPassword);
export const changeSettingsAction = staffAction(null, settingsInput, changeOwnSettings);
export const removePasskeyAction = staffAction(null, passkeyIdInput, removePasskey);
export const removeTotpAction = staffAction(null, nothingInput, (ctx) => removeTotp(ctx));
export const endOwnSessionAction = staffAction(null, ownSessionInput, endOwnSession);
export const endOtherSessionsAction = staffAction(null, nothingInput, (ctx) => endOtherSessions(ctx));

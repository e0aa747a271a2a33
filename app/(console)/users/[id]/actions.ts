"use server";

import { toPlain } from "@/components/users/call-view";
import { unlockMethodsInput } from "@/lib/authn/input";
import { unlockMethods } from "@/lib/authn/unlock";
import { changePhone } from "@/lib/delivery/change-phone";
import { changePhoneInput } from "@/lib/delivery/input";
import {
  endEmergencyAccessInput,
  issueGrantInput,
  revokeGrantInput,
  sendAgainInput,
} from "@/lib/grants/input";
import { issueGrant } from "@/lib/grants/issue";
import { endEmergencyAccess, revokeGrant } from "@/lib/grants/revoke";
import { sendAgain } from "@/lib/grants/send-again";
import { staffAction } from "@/lib/staff/action";

export const changePhoneAction = staffAction("phone:change", changePhoneInput, changePhone);

export const issueAction = staffAction("grant:issue", issueGrantInput, async (ctx, input) =>
  toPlain(await issueGrant(ctx, input)),
);

export const sendAgainAction = staffAction("grant:issue", sendAgainInput, async (ctx, input) =>
  toPlain(await sendAgain(ctx, input)),
);

export const revokeAction = staffAction("grant:revoke", revokeGrantInput, async (ctx, input) => {
  const result = await revokeGrant(ctx, input);
  return result.ok ? { ok: true as const } : { ok: false as const, reason: result.reason };
});

export const endAllAction = staffAction("grant:revoke", endEmergencyAccessInput, async (ctx, input) => {
  const result = await endEmergencyAccess(ctx, input);
  return result.ok ? { ok: true as const } : { ok: false as const, reason: result.reason };
});

export const unlockAction = staffAction("user:unlock", unlockMethodsInput, unlockMethods);

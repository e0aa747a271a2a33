import "server-only";
import type { z } from "zod";
import { recordEvent } from "@/lib/audit/record";
import { isDemo } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { toEmailKey } from "./email";
import type { signInInput } from "./input";
import { lockSecondsAfter } from "./lock";
import { verifyPassword } from "./password";
import { lockStaffByEmail, type StaffRow, setFailures } from "./store";
import { mintToken } from "./token";

function whyNot(staff: StaffRow | undefined): string | undefined {
  if (staff === undefined) return "unknown";
  if (staff.disabledAt !== null) return "disabled";
  if (staff.lockedSeconds > 0) return "locked";
  if (staff.passwordHash === null) return "no_password";
  return undefined;
}

/**
 * Judges an e-mail and a password.
 *
 * An unknown, disabled or locked account is answered as a wrong password is, in words and in time (ASVS 6.3.8). From the
 * fifth wrong try in a row the account stands still for a while (`lockSecondsAfter`); tries meanwhile are not judged.
 * Parallel tries at one account take turns. A right password does not forget wrong ones: showing the second factor does.
 *
 * Refusals: `wrong`. Audit: `staff.sign-in-failed` with why.
 * @returns a one-time token for `openSession`.
 */
export async function signIn(
  ctx: Context,
  input: Pick<z.output<typeof signInInput>, "email" | "password">,
): Promise<Success<{ token: string }> | Refusal<"wrong">> {
  return inTransaction(async (tx) => {
    const staff = await lockStaffByEmail(tx, toEmailKey(input.email));
    const obstacle = whyNot(staff);
    const hash = obstacle === undefined ? (staff?.passwordHash ?? undefined) : undefined;
    const right = await verifyPassword(hash, input.password);
    if (staff === undefined || obstacle !== undefined || !right) {
      if (staff !== undefined && obstacle === undefined)
        await setFailures(tx, staff.id, staff.failedCount + 1, lockSecondsAfter(staff.failedCount + 1));
      await recordEvent(tx, ctx, {
        kind: "staff.sign-in-failed",
        outcome: "refused",
        reason: obstacle ?? "wrong",
        ...(staff === undefined ? {} : { target: { kind: "staff", id: staff.id } }),
      });
      return refuse("wrong");
    }
    const { token } = await mintToken(tx, "sign_in", staff.id, {
      by: "password",
      ...(isDemo() ? { factor: "demo" } : {}),
    });
    return { ok: true, token };
  });
}

import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { lockUserDetails } from "@/lib/directory/store";
import { isYourself } from "@/lib/directory/yourself";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { UnlockMethodsInput } from "./input";
import { deleteThrottles, forgiveSends } from "./lock-store";
import { type MethodLocks, readLocks, subjectKeysOf } from "./locks";
import type { AttemptChannel } from "./model";

/** The locks as they are now, of all methods; or why nothing was done. */
export type UnlockMethodsResult = Success<{ locks: MethodLocks }> | Refusal<"user_not_found" | "yourself">;

/**
 * Lets a user try again at once: forgets the wrong access codes that were typed under their names, wherever, and the texts or calls
 * that count towards the limits of sends.
 *
 * What a code itself has counted stays: it dies of 100 wrong tries in a row, or 5 if it is short, unlocked in between or not. The day's
 * budget keeps what was sent.
 *
 * @param input.methods one or more. Texts and calls share their limits: what is forgotten is that of the channels named.
 * Refuses `user_not_found`; `yourself`, for staff.
 * @throws {Denied} without `user:unlock`.
 * @see audit `user.unlocked`; rest, 1 "unlock"; limits, "wrong tries, standard code", "OTP sends"
 */
export async function unlockMethods(ctx: Context, input: UnlockMethodsInput): Promise<UnlockMethodsResult> {
  await requirePermission(ctx, "user:unlock", { userId: input.userId });
  const { userId, methods } = input;
  const kind = "user.unlocked";
  return inTransaction(async (tx): Promise<UnlockMethodsResult> => {
    const user = await lockUserDetails(tx, userId);
    if (user === undefined) return recordRefusal(tx, ctx, { kind }, refuse("user_not_found"));
    if (isYourself(ctx.actor, user)) return recordRefusal(tx, ctx, { kind, userId }, refuse("yourself"));
    const subjectKeys = subjectKeysOf(user);
    const channels = methods.filter((method): method is AttemptChannel => method !== "access_code");
    const waits = methods.includes("access_code") ? await deleteThrottles(tx, subjectKeys) : 0;
    const sends = channels.length === 0 ? 0 : await forgiveSends(tx, { userId, subjectKeys, channels });
    await recordEvent(tx, ctx, {
      kind,
      outcome: "ok",
      userId,
      userLabel: user.displayName,
      details: { methods: [...new Set(methods)].join(" "), waits, sends },
    });
    const locks = (await readLocks(tx, [user])).get(userId);
    return { ok: true, locks: locks ?? { access_code: false, sms: false, voice: false } };
  });
}

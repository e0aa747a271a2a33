import "server-only";
import type { z } from "zod";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction, type Tx } from "@/lib/platform/transaction";
import { toEmailKey } from "./email";
import type { signInInput } from "./input";
import { verifyPassword } from "./password";
import { inPasswordQueue } from "./password-queue";
import { refuseRecorded } from "./refusal";
import { type Obstacle, returnTry, takeTry } from "./sign-in-store";
import { lockStaff } from "./store";
import { byPassword, mintSignIn } from "./token";

/** How many sign-ins may wait for their turn: some three seconds of work. */
const waitingMax = 100;

const busySeconds = 5;

/** A token to open a session with, or a no that says nothing of the account. */
export type SignInResult =
  | Success<{ token: string }>
  | Refusal<"wrong">
  | Refusal<"busy", { retryAfterSeconds: number }>;

type SignInInput = Pick<z.output<typeof signInInput>, "email" | "password">;

/**
 * Judges an e-mail and a password.
 *
 * An unknown, disabled or locked account is answered as a wrong password is, in words and in time (ASVS 6.3.8). From the
 * fifth wrong try in a row the account stands still for a while (`lockSecondsAfter`); tries meanwhile are not judged.
 * A try is counted before it is judged, so that of any number at once no more are judged than one after another; nothing is
 * held in the database meanwhile. A right password does not forget wrong ones: showing the second factor does.
 *
 * Refusals: `wrong`; `busy` (a hundred wait already: nothing was judged). Audit: `staff.sign-in-failed` with why.
 * @returns a one-time token for `openSession`.
 */
export async function signIn(ctx: Context, input: SignInInput): Promise<SignInResult> {
  const judged = await inPasswordQueue(() => judge(ctx, input), { waitingMax });
  return judged.ok ? judged.value : refuse("busy", { retryAfterSeconds: busySeconds });
}

async function judge(ctx: Context, input: SignInInput): Promise<SignInResult> {
  const tried = await inStatement((tx) => takeTry(tx, toEmailKey(input.email)));
  const { staffId, obstacle, passwordHash, lockedUntil } = tried;
  const right = await verifyPassword(passwordHash ?? undefined, input.password);
  return inTransaction(async (tx) => {
    if (!right || staffId === null) return wrong(tx, ctx, staffId, obstacle ?? "wrong");
    const staff = await lockStaff(tx, staffId);
    if (staff?.disabledAt !== null || staff.passwordHash !== passwordHash)
      return wrong(tx, ctx, staffId, "changed_meanwhile");
    await returnTry(tx, staffId, lockedUntil);
    return mintSignIn(tx, staffId, byPassword());
  });
}

async function wrong(
  tx: Tx,
  ctx: Context,
  staffId: string | null,
  reason: Obstacle | "wrong" | "changed_meanwhile",
): Promise<Refusal<"wrong">> {
  await refuseRecorded(tx, ctx, "staff.sign-in-failed", reason, staffId ?? undefined);
  return refuse("wrong");
}

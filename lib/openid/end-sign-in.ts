import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { updateEnded } from "./sign-in-store";

/**
 * Why a sign-in ended before its time. `asked`: the application gave a token back. `replayed`: a code or a refresh token came a second time,
 * so somebody else has it.
 */
export type SignInEnd = "asked" | "replayed";

/**
 * Ends a sign-in: no token of it is good any more. Nothing happens where it has ended.
 * @see audit `openid.ended`; RFC 7009; RFC 9700, 4.14
 */
export async function endSignIn(
  ctx: Context,
  { signInId, because }: { signInId: string; because: SignInEnd },
): Promise<void> {
  await inTransaction(async (tx) => {
    const ended = await updateEnded(tx, signInId);
    if (ended === undefined) return;
    const { clientId, ...whose } = ended;
    await recordEvent(tx, ctx, {
      kind: "openid.ended",
      outcome: "ok",
      reason: because,
      target: { kind: "client", id: clientId },
      ...whose,
    });
  });
}

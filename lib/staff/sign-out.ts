import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { inTransaction } from "@/lib/platform/transaction";
import { type EnteringContext, inNameOf } from "./live-session";
import { endSession } from "./session-store";

/** Ends the session that asks. Audit: `staff.signed-out`. */
export async function signOut(ctx: EnteringContext): Promise<{ ok: true }> {
  return inTransaction(async (tx) => {
    const { sessionId, staffId } = ctx.session;
    if (await endSession(tx, sessionId, staffId, "signed_out"))
      await recordEvent(tx, inNameOf(ctx, ctx.session), {
        kind: "staff.signed-out",
        outcome: "ok",
        target: { kind: "session", id: sessionId },
      });
    return { ok: true };
  });
}

import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { getLog } from "@/lib/platform/log";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { countLatestRefusals } from "./store";

/** More events than this a minute say nothing more. */
const eventsPerMinuteMax = 10;

/** For so long nobody is asked again whether there is room: a flood must not cost the database a question for each forged report. */
const quietMilliseconds = 5_000;

let quietUntil = 0;

/**
 * Logs that something that claimed to come from the provider was not taken: at most ten events a minute, so that a flood
 * does not fill the log.
 * @param reason in a word, of the door's closed list.
 * @throws nothing of its own. Audit: `webhook.refused`.
 */
export async function refuseWebhook(ctx: Context, reason: string): Promise<void> {
  await requirePermission(ctx, "system:work");
  if (performance.now() < quietUntil) return;
  await inTransaction(async (tx) => {
    if ((await countLatestRefusals(tx, eventsPerMinuteMax)) >= eventsPerMinuteMax) {
      quietUntil = performance.now() + quietMilliseconds;
      return;
    }
    await recordEvent(tx, ctx, { kind: "webhook.refused", outcome: "refused", reason });
    getLog().warn({ requestId: ctx.requestId, reason }, "webhook refused");
  });
}

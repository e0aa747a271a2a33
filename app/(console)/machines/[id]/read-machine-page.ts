import "server-only";
import type { MachinePageView } from "@/components/machines/machine";
import { toPlain } from "@/components/users/call-view";
import { readMachine } from "@/lib/machines/read";
import { listAlarms } from "@/lib/offline/alarms";
import { listReceipts } from "@/lib/offline/list-receipts";
import { previewMachine } from "@/lib/offline/preview-machine";
import { readMachineCodes } from "@/lib/offline/read-machine-codes";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";

/** Reads everything of a machine's page, as it travels to the screen: for the first paint, and for every beat after. */
export async function readMachinePage(
  ctx: Context,
  machineId: string,
): Promise<Success<MachinePageView> | Refusal<"not_found">> {
  const [found, preview, held, receipts, alarms] = await Promise.all([
    readMachine(ctx, { machineId }),
    previewMachine(ctx, { machineId }),
    readMachineCodes(ctx, { machineId }),
    listReceipts(ctx, { machineId }),
    listAlarms(ctx, { machineId, seen: true }),
  ]);
  if (!found.ok) return found;
  return {
    ok: true,
    machine: found.machine,
    judged: preview.ok ? toPlain(preview.users) : null,
    held: toPlain(held),
    receipts: toPlain(receipts),
    alarms: toPlain(alarms),
  };
}

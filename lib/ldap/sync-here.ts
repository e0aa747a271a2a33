import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import type { Why } from "@/lib/directory/why";
import { findJob, putState } from "@/lib/imports/job-store";
import { addCounts, type ImportCounts, noCounts } from "@/lib/imports/model";
import { enqueueNext, runImport } from "@/lib/imports/run";
import type { Context } from "@/lib/platform/context";
import { Fault, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { askSync } from "./ask-sync";
import { ldapImports } from "./sync";

/** How long it waits between two looks whether another import has ended. */
const waitMs = 1_000;

/** What became of a sync that an operator ran. */
export type SyncHereResult =
  | Success<{ counts: ImportCounts }>
  | Refusal<"not_found" | "syncs_already">
  | Refusal<"not_confirmed", { counts: ImportCounts; enabled: number }>
  | Refusal<"failed", { why: Why }>;

/**
 * Syncs with the directory in this process: the same as the console's, which shows it too.
 *
 * Refuses `not_found`; `syncs_already`; `not_confirmed`, with nothing changed, where it is the first one or disables more than a tenth
 * of all people, unless `isConfirmed`; `failed`, with why: what was done by then stays, and it is run again.
 * @throws {Denied} without `server:manage`.
 * @see audit as `runImport`
 */
export async function syncHere(
  ctx: Context,
  { isFull, isConfirmed }: { isFull: boolean; isConfirmed: boolean },
): Promise<SyncHereResult> {
  await requirePermission(ctx, "server:manage");
  const asked = await askSync(ctx, {
    isFull,
    isForeground: true,
    ...(isConfirmed ? { confirm: "never" } : {}),
  });
  if (!asked.ok) return asked;
  const { jobId } = asked;
  while (!(await runImport(ctx, { jobId }, { ldap: ldapImports }))) await sleep(waitMs);
  const job = await inTransaction((tx) => findJob(tx, jobId));
  switch (job?.state) {
    case "done":
      return { ok: true, counts: addCounts(job.counts, noCounts) };
    case "waiting":
      await inTransaction(async (tx) => {
        await putState(tx, jobId, "discarded");
        await enqueueNext(tx);
      });
      return refuse("not_confirmed", {
        counts: addCounts(job.previewCounts, noCounts),
        enabled: job.enabledBefore ?? 0,
      });
    case "failed":
      return refuse("failed", { why: job.failureWhy ?? { reason: "said", text: job.failure ?? "" } });
    default:
      throw new Fault(`the sync was ${job?.state ?? "gone"}`);
  }
}

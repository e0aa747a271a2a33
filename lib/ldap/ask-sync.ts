import "server-only";
import { insertAsked } from "@/lib/imports/ask";
import { hasOpenJob } from "@/lib/imports/job-store";
import { enqueueNext } from "@/lib/imports/run";
import { getNow } from "@/lib/platform/clock-store";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type DirectoryRow, deleteOldSyncs, lockDirectory, putDue } from "./store";

/** What became of a wish for a sync. */
export type AskSyncResult = Success<{ jobId: string }> | Refusal<"not_found" | "syncs_already">;

/** How a sync is asked for. */
export interface AskSyncInput {
  /** Everybody is compared, whatever changed since the last one. */
  isFull: boolean;
  /** It runs in this process, and doesn't ask. */
  isForeground?: boolean;
  confirm?: "always" | "never";
}

/**
 * Asks for a sync with the directory. The first one waits for somebody to look at what it comes to; the others ask only where more than a
 * tenth of all people would be disabled.
 *
 * Refuses `not_found` where no directory is kept; `syncs_already` where one runs, or waits for its turn or for a word.
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.import-asked`
 */
export async function askSync(ctx: Context, input: AskSyncInput): Promise<AskSyncResult> {
  await requirePermission(ctx, "directory:manage");
  return inTransaction(async (tx) => {
    const row = await lockDirectory(tx);
    if (row === undefined) return refuse("not_found");
    if (await hasOpenJob(tx, "ldap")) return refuse("syncs_already");
    return { ok: true, jobId: await insertSync(tx, ctx, row, input) };
  });
}

/**
 * Asks for a sync where one is due and none is open, and forgets what the clock asked for a week ago.
 * @throws {Denied} for anybody but the system.
 */
export async function sweepSyncs(ctx: Context): Promise<void> {
  await requirePermission(ctx, "system:work");
  await inTransaction(async (tx) => {
    const row = await lockDirectory(tx);
    await deleteOldSyncs(tx);
    if (row?.nextAt == null || row.nextAt > (await getNow(tx)) || (await hasOpenJob(tx, "ldap"))) return;
    await insertSync(tx, ctx, row, { isFull: false });
  });
}

async function insertSync(
  tx: Tx,
  ctx: Context,
  row: DirectoryRow,
  { isFull, isForeground = false, confirm }: AskSyncInput,
): Promise<string> {
  const jobId = await insertAsked(tx, ctx, {
    kind: "ldap",
    state: "queued",
    label: row.url,
    settings: { isFull },
    confirm: confirm ?? (row.nextAt === null ? "always" : "beyond_tenth"),
    isForeground,
  });
  if (row.nextAt !== null) await putDue(tx);
  await enqueueNext(tx);
  return jobId;
}

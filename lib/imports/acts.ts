import "server-only";
import type { EventKind } from "@/lib/audit/model";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import type { ConfirmImportInput, ImportIdInput } from "./input";
import { askToStop, type JobRow, lockJob, putConfirmed, putResumed, putState } from "./job-store";
import { canDiscard, canResume, canStop, isBeyondTenth } from "./model";
import { enqueueNext } from "./run";

type ActReason = "step_up_needed" | "not_found" | "changed_meanwhile" | "disabled_not_named";

/** What became of a word about an import. `changed_meanwhile`: it doesn't stand as it must for that, or not any more. */
export type ImportActResult = Success | Refusal<ActReason>;

async function act(
  ctx: Context,
  jobId: string,
  kind: EventKind,
  { stepUp }: { stepUp: boolean },
  work: (tx: Tx, job: JobRow) => Promise<ActReason | "ok">,
): Promise<ImportActResult> {
  await requirePermission(ctx, "directory:manage");
  return inTransaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    if (job === undefined) return refuse("not_found");
    const reason = stepUp && needsStepUp(ctx.actor) ? "step_up_needed" : await work(tx, job);
    const event = { kind, target: { kind: "import", id: jobId }, details: { source: job.kind } };
    if (reason !== "ok") return recordRefusal(tx, ctx, event, refuse(reason));
    await recordEvent(tx, ctx, { ...event, outcome: "ok" });
    return { ok: true };
  });
}

/**
 * Lets an import be done whose preview was looked at.
 * @returns Refuses `step_up_needed`; `not_found`; `changed_meanwhile` where it waits for no word; `disabled_not_named` where it
 *   disables more than a tenth of all people and `disabled` isn't their number.
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.import-confirmed`; limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function confirmImport(
  ctx: Context,
  { jobId, disabled }: ConfirmImportInput,
): Promise<ImportActResult> {
  return act(ctx, jobId, "directory.import-confirmed", { stepUp: true }, async (tx, job) => {
    if (job.state !== "waiting") return "changed_meanwhile";
    const counts = { disabled: job.previewCounts.disabled ?? 0 };
    if (isBeyondTenth(counts, job.enabledBefore ?? 0) && disabled !== counts.disabled)
      return "disabled_not_named";
    await putConfirmed(tx, jobId);
    await enqueueNext(tx);
    return "ok";
  });
}

/**
 * Stops an import: at the end of the batch that is being done. What was done stays, and it can go on from there.
 * @returns Refuses `not_found`; `changed_meanwhile` where it doesn't run.
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.import-stopped`, and once more when it has
 */
export async function stopImport(ctx: Context, { jobId }: ImportIdInput): Promise<ImportActResult> {
  return act(ctx, jobId, "directory.import-stopped", { stepUp: false }, async (tx, job) => {
    if (!canStop(job.state)) return "changed_meanwhile";
    await askToStop(tx, jobId);
    return "ok";
  });
}

/**
 * Lets an import go on from the last batch that was done.
 * @returns Refuses `step_up_needed`; `not_found`; `changed_meanwhile` where it hasn't stopped, or nothing of it is left.
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.import-resumed`
 */
export async function resumeImport(ctx: Context, { jobId }: ImportIdInput): Promise<ImportActResult> {
  return act(ctx, jobId, "directory.import-resumed", { stepUp: true }, async (tx, job) => {
    if (!canResume(job)) return "changed_meanwhile";
    await putResumed(tx, jobId);
    await enqueueNext(tx);
    return "ok";
  });
}

/**
 * Throws an import away that isn't run: nothing of it is done, or nothing more.
 * @returns Refuses `not_found`; `changed_meanwhile` where it runs, waits to be run, or has ended.
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.import-discarded`
 */
export async function discardImport(ctx: Context, { jobId }: ImportIdInput): Promise<ImportActResult> {
  return act(ctx, jobId, "directory.import-discarded", { stepUp: false }, async (tx, job) => {
    if (!canDiscard(job.state)) return "changed_meanwhile";
    await putState(tx, jobId, "discarded");
    return "ok";
  });
}

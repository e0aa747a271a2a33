import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { type Context, toStaffId } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import { measureChunks, putChunk } from "./chunk-store";
import { toCsvSettings } from "./csv-settings";
import type { AskImportInput, ImportIdInput } from "./input";
import { discardUploads, insertJob, type JobRow, lockJob, type NewJob, putState } from "./job-store";
import { chunkBytesMax } from "./model";
import { enqueueNext } from "./run";

/** Adds an import in the name of whoever acts. */
export async function insertAsked(
  tx: Tx,
  ctx: Context,
  job: Omit<NewJob, "askedByKind" | "askedById" | "askedByLabel" | "requestId">,
): Promise<string> {
  const { actor } = ctx;
  const jobId = await insertJob(tx, {
    ...job,
    askedByKind: actor.kind,
    askedById: toStaffId(actor),
    askedByLabel: "name" in actor ? actor.name : null,
    requestId: ctx.requestId,
  });
  await recordEvent(tx, ctx, {
    kind: "directory.import-asked",
    outcome: "ok",
    target: { kind: "import", id: jobId },
    details: { source: job.kind },
  });
  return jobId;
}

/** So many uploads of one person are kept at a time: each is a file of up to 512 MiB. */
const uploadsMax = 3;

/**
 * Begins an import of a file, whose pieces `storePiece` then takes in the same session. Of uploads of theirs that never ended the
 * oldest give way.
 * @returns its id. Refuses `step_up_needed` (staff who showed their second factor over 15 minutes ago).
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.import-asked`; limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function askImport(
  ctx: Context,
  { label, ...settings }: AskImportInput,
): Promise<Success<{ jobId: string }> | Refusal<"step_up_needed">> {
  await requirePermission(ctx, "directory:manage");
  return inTransaction(async (tx) => {
    if (needsStepUp(ctx.actor))
      return recordRefusal(tx, ctx, { kind: "directory.import-asked" }, refuse("step_up_needed"));
    if (ctx.actor.kind === "staff") await discardUploads(tx, ctx.actor.staffId, uploadsMax - 1);
    const jobId = await insertAsked(tx, ctx, {
      kind: "csv",
      state: "receiving",
      label,
      settings: { ...settings, sessionId: sessionOf(ctx) },
      confirm: "always",
      isForeground: false,
    });
    return { ok: true, jobId };
  });
}

/**
 * Takes a piece of the file of an import that was begun in the same session: all but the last are 256 KiB. The same piece again
 * takes its place, so that one that was cut off is sent again.
 * @returns Refuses `not_found` where nobody waits for a piece, and `misfit` for one that isn't as large as it must be.
 * @throws {Denied} without `directory:manage`.
 */
export async function storePiece(
  ctx: Context,
  { jobId, number, bytes }: { jobId: string; number: number; bytes: Uint8Array },
): Promise<Success | Refusal<"not_found" | "misfit">> {
  await requirePermission(ctx, "directory:manage");
  return inTransaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    if (job?.state !== "receiving" || !isOwn(ctx, job)) return refuse("not_found");
    const { sizeBytes } = toCsvSettings(job.settings);
    const wanted = Math.min(chunkBytesMax, sizeBytes - number * chunkBytesMax);
    if (bytes.length !== wanted) return refuse("misfit");
    await putChunk(tx, jobId, number, bytes);
    return { ok: true };
  });
}

/**
 * Begins the preview of an import whose file is there.
 * @returns Refuses `not_found` where nobody waits for a file, and `incomplete` where pieces are missing.
 * @throws {Denied} without `directory:manage`.
 */
export async function endUpload(
  ctx: Context,
  { jobId }: ImportIdInput,
): Promise<Success | Refusal<"not_found" | "incomplete">> {
  await requirePermission(ctx, "directory:manage");
  return inTransaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    if (job?.state !== "receiving" || !isOwn(ctx, job)) return refuse("not_found");
    const { count, bytes, last } = await measureChunks(tx, jobId);
    const { sizeBytes } = toCsvSettings(job.settings);
    if (bytes !== sizeBytes || count !== last + 1) return refuse("incomplete");
    await putState(tx, jobId, "queued");
    await enqueueNext(tx);
    return { ok: true };
  });
}

const sessionOf = ({ actor }: Context) => (actor.kind === "staff" ? actor.sessionId : null);

const isOwn = (ctx: Context, { settings }: JobRow) =>
  sessionOf(ctx) !== null && settings.sessionId === sessionOf(ctx);

import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { WhyLanguage } from "@/lib/directory/say-why";
import type { Why } from "@/lib/directory/why";
import type { Context } from "@/lib/platform/context";
import type { MadeFile } from "@/lib/platform/csv-file";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { countPeople } from "./count-people";
import { toCsvSettings } from "./csv-settings";
import type { ImportIdInput } from "./input";
import { findJob, type JobRow, listJobs, type SourceCount } from "./job-store";
import { listRefusals } from "./lines-store";
import {
  canDiscard,
  canResume,
  canStop,
  type ImportFailure,
  type ImportKindName,
  type ImportState,
  isBeyondTenth,
  type SampledChange,
} from "./model";
import { writeRefusedLines } from "./refused-lines";

/** So many imports are listed, and so many refused lines shown. */
const jobsMax = 50;
const refusalsMax = 10;

/** An import as a list shows it. Times are ISO 8601, UTC. */
export interface ListedImport {
  id: string;
  kind: ImportKindName;
  state: ImportState;
  phase: "preview" | "write";
  /** What the file is called; empty a week after the end. */
  label: string;
  askedBy: { kind: string; name: string | null };
  hasWritten: boolean;
  /** What it did; before it has written anybody, what it would. */
  counts: JobRow["counts"];
  /** From 0 to 1; null: nobody knows. */
  progress: number | null;
  failure: ImportFailure | null;
  createdAt: string;
  endedAt: string | null;
}

/** An import as its page shows it. */
export interface ShownImport extends ListedImport {
  isReplacing: boolean;
  country: string | null;
  failureWhy: Why | null;
  previewCounts: JobRow["previewCounts"];
  enabledBefore: number | null;
  /** More than a tenth would be disabled: their number is to be typed. */
  asksForNumber: boolean;
  sample: SampledChange[];
  refusals: { line: number; login: string; why: Why }[];
  previewedAt: string | null;
  confirmedAt: string | null;
  can: { stop: boolean; resume: boolean; discard: boolean; confirm: boolean; readRefused: boolean };
}

/** Most lines are refused as they are read; some no longer fit when they are written. */
const refusedOf = ({ previewCounts, counts }: JobRow) => (previewCounts.refused ?? 0) + (counts.refused ?? 0);

function toListed(job: JobRow): ListedImport {
  const { id, kind, state, phase, label, failure, createdAt, endedAt, progressDone, progressTotal } = job;
  const progress =
    progressTotal === null ? null : progressTotal === 0 ? 1 : Math.min(1, progressDone / progressTotal);
  const hasWritten = phase === "write" && Object.keys(job.counts).length > 0;
  return {
    id,
    kind,
    state,
    phase,
    label,
    askedBy: { kind: job.askedByKind, name: job.askedByLabel },
    hasWritten,
    counts: hasWritten ? { ...job.counts, refused: refusedOf(job) } : job.previewCounts,
    progress: state === "done" ? 1 : progress,
    failure,
    createdAt,
    endedAt,
  };
}

/**
 * Lists where people come from, with how many, and the last 50 imports, the newest first.
 * @throws {Denied} without `directory:read`.
 */
export async function listImports(
  ctx: Context,
): Promise<{ sources: SourceCount[]; imports: ListedImport[] }> {
  await requirePermission(ctx, "directory:read");
  const [sources, jobs] = await Promise.all([countPeople(), inStatement((tx) => listJobs(tx, jobsMax))]);
  return { sources: [...sources], imports: jobs.map(toListed) };
}

/**
 * Reads an import: how far it is, what it comes to, and its first changes and refused lines.
 * @throws {Denied} without `directory:read`.
 */
export async function readImport(
  ctx: Context,
  { jobId }: ImportIdInput,
): Promise<Success<{ shown: ShownImport }> | Refusal<"not_found">> {
  await requirePermission(ctx, "directory:read");
  const [job, refusals] = await Promise.all([
    inStatement((tx) => findJob(tx, jobId)),
    inStatement((tx) => listRefusals(tx, jobId, 0, refusalsMax)),
  ]);
  if (job === undefined) return refuse("not_found");
  const loginAt = (job.header ?? []).findIndex((name) => name.trim().toLowerCase() === "login");
  const ofFile = job.kind === "csv" && job.strippedAt === null ? toCsvSettings(job.settings) : undefined;
  return {
    ok: true,
    shown: {
      ...toListed(job),
      country: ofFile?.country ?? null,
      isReplacing: ofFile?.isReplacing ?? false,
      failureWhy: job.failureWhy,
      previewCounts: job.previewCounts,
      enabledBefore: job.enabledBefore,
      asksForNumber: isBeyondTenth({ disabled: job.previewCounts.disabled ?? 0 }, job.enabledBefore ?? 0),
      sample: job.sample,
      refusals: refusals.map(({ line, cells, why }) => ({
        line,
        login: (cells[loginAt] ?? "").slice(0, 60),
        why,
      })),
      previewedAt: job.previewedAt,
      confirmedAt: job.confirmedAt,
      can: {
        stop: canStop(job.state),
        resume: canResume(job),
        discard: canDiscard(job.state),
        confirm: job.state === "waiting",
        readRefused: (job.previewCounts.refused ?? 0) > 0 && job.strippedAt === null,
      },
    },
  };
}

/**
 * Reads the lines that an import didn't take, as a file of comma-separated values, which no spreadsheet runs, with the reasons in `language`.
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.refused-read`
 */
export async function readRefusedLines(
  ctx: Context,
  { jobId }: ImportIdInput,
  language: WhyLanguage,
): Promise<Success<MadeFile> | Refusal<"not_found">> {
  await requirePermission(ctx, "directory:manage");
  return inTransaction(async (tx) => {
    const job = await findJob(tx, jobId);
    if (job === undefined || job.strippedAt !== null || job.header === null) return refuse("not_found");
    await recordEvent(tx, ctx, {
      kind: "directory.refused-read",
      outcome: "ok",
      target: { kind: "import", id: jobId },
    });
    const pieces = writeRefusedLines(jobId, job.header, language);
    return { ok: true, name: `refused-${jobId.slice(0, 8)}.csv`, type: "text/csv; charset=utf-8", pieces };
  });
}

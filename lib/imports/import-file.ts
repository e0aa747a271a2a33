import "server-only";
import { type FileHandle, open, rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CountryCode } from "libphonenumber-js/max";
import { recordEvent } from "@/lib/audit/record";
import type { Why } from "@/lib/directory/why";
import type { Context } from "@/lib/platform/context";
import { Fault, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { insertAsked } from "./ask";
import { putChunk } from "./chunk-store";
import { csvImports } from "./csv";
import { findJob, type JobRow, lockJob, putState } from "./job-store";
import { addCounts, chunkBytesMax, fileBytesMax, type ImportCounts, noCounts } from "./model";
import { writeRefusedLines } from "./refused-lines";
import { enqueueNext, runImport } from "./run";

/** How long an operator's import waits between two looks whether another has ended. */
const waitMs = 1_000;

/** What an operator asks for. */
export interface ImportFileInput {
  /** Path of a file of comma-separated values, UTF-8. */
  file: string;
  /** Whose national way of writing phone numbers is meant where there is no `+`. */
  country?: CountryCode | undefined;
  /** People who aren't in the file have left: they are disabled. */
  isReplacing: boolean;
  /** Only look at what it would come to. */
  isPreview: boolean;
  /** Go on though more than a tenth of all people are disabled by it. */
  isConfirmed: boolean;
}

/** What became of a file of people. */
export type ImportFileResult =
  | Success<{ counts: ImportCounts }>
  | Refusal<"unreadable", { why: Why }>
  | Refusal<"nameless", { counts: ImportCounts }>
  | Refusal<"too_many_disabled", { counts: ImportCounts; enabled: number }>;

/**
 * Brings people in from a file, or shows what that would come to, in this process: the same import as the console's, which shows it
 * too. A person is their login, whatever its case.
 *
 * Lines that aren't taken go to `<file>.refused.csv` with the reason in English in a last column; who stands in one of them stays as
 * they are.
 * Whoever is disabled loses every live grant in the same transaction. A number that staff set stays; one that the file changes isn't
 * held, as the directory is where numbers come from. Where another import runs, it waits for that one's end.
 *
 * @returns what it came to, or would. Refusals, with nothing changed: `unreadable` (with why); `nameless` (people who aren't in the
 *   file are to be disabled, but lines of it name nobody); `too_many_disabled` (more than a tenth, unless `isConfirmed`).
 * @throws {Denied} without `server:manage`; the system's error where the file can't be opened; a fault where staff stopped it.
 * @see audit as `runImport`, and `directory.import-asked`
 */
export async function importFile(ctx: Context, input: ImportFileInput): Promise<ImportFileResult> {
  await requirePermission(ctx, "server:manage");
  const handle = await open(input.file, "r");
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return refuse("unreadable", { why: { reason: "not_a_file" } });
    if (stat.size > fileBytesMax)
      return refuse("unreadable", { why: { reason: "large_file", mebibytes: fileBytesMax / 2 ** 20 } });
    const jobId = await inTransaction((tx) =>
      insertAsked(tx, ctx, {
        kind: "csv",
        state: "receiving",
        label: path.basename(input.file),
        settings: {
          sizeBytes: stat.size,
          country: input.country ?? null,
          isReplacing: input.isReplacing,
        },
        confirm: input.isPreview ? "always" : input.isConfirmed ? "never" : "beyond_tenth",
        isForeground: true,
      }),
    );
    await store(jobId, handle);
    return await runHere(ctx, jobId, input);
  } finally {
    await handle.close();
  }
}

async function store(jobId: string, handle: FileHandle): Promise<void> {
  const piece = Buffer.alloc(chunkBytesMax);
  for (let number = 0; ; number += 1) {
    const { bytesRead } = await handle.read(piece, 0, chunkBytesMax, number * chunkBytesMax);
    if (bytesRead === 0) break;
    await inTransaction((tx) => putChunk(tx, jobId, number, piece.subarray(0, bytesRead)));
  }
  await inTransaction(async (tx) => {
    const job = await lockJob(tx, jobId);
    if (job?.state !== "receiving") throw new Fault(`the import was ${job?.state ?? "deleted"}`);
    await putState(tx, jobId, "queued");
  });
}

async function runHere(ctx: Context, jobId: string, input: ImportFileInput): Promise<ImportFileResult> {
  const read = () => inTransaction((tx) => findJob(tx, jobId));
  while (!(await runImport(ctx, { jobId }, { csv: csvImports })) && (await read())?.state === "queued")
    await sleep(waitMs);
  const job = await read();
  if (job === undefined) throw new Fault("an import is gone");
  const wasRefused = job.failure !== "unreadable" && (await writeRefused(job, `${input.file}.refused.csv`));
  const counts = addCounts(job.state === "done" ? job.counts : job.previewCounts, noCounts);
  const seen = { ...counts, people: job.previewCounts.people ?? 0, refused: job.previewCounts.refused ?? 0 };
  if (job.state === "waiting") await discard(ctx, job.id, input.isPreview);
  switch (job.state) {
    case "done":
      return { ok: true, counts: { ...seen, refused: seen.refused + (wasRefused ? counts.refused : 0) } };
    case "waiting":
      return input.isPreview
        ? { ok: true, counts: seen }
        : refuse("too_many_disabled", { counts: seen, enabled: job.enabledBefore ?? 0 });
    case "failed":
      if (job.failure === "unreadable")
        return refuse("unreadable", { why: job.failureWhy ?? { reason: "said", text: job.failure ?? "" } });
      if (job.failure === "nameless") return refuse("nameless", { counts: seen });
      throw new Fault("the import broke: see the log");
    default:
      throw new Fault(`the import was ${job.state}`);
  }
}

async function discard(ctx: Context, id: string, isPreview: boolean): Promise<void> {
  await inTransaction(async (tx) => {
    const job = await lockJob(tx, id);
    if (job?.state !== "waiting")
      throw new Fault("somebody at the console decided about the import meanwhile");
    const { previewCounts, enabledBefore } = job;
    await putState(tx, id, "discarded");
    await enqueueNext(tx);
    if (!isPreview)
      await recordEvent(tx, ctx, {
        kind: "directory.imported",
        outcome: "refused",
        reason: "too_many_disabled",
        target: { kind: "import", id },
        details: { ...previewCounts, enabledBefore },
      });
  });
}

/** @returns whether any were. What an earlier import left at the path is gone. */
async function writeRefused(job: JobRow, file: string): Promise<boolean> {
  await rm(file, { force: true });
  let handle: FileHandle | undefined;
  try {
    for await (const lines of writeRefusedLines(job.id, job.header ?? [], "en")) {
      handle ??= await open(file, "wx", 0o600);
      await handle.write(lines);
    }
  } finally {
    await handle?.close();
  }
  return handle !== undefined;
}

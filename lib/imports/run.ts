import "server-only";
import { randomUUID } from "node:crypto";
import { recordEvent } from "@/lib/audit/record";
import type { Why } from "@/lib/directory/why";
import type { Context } from "@/lib/platform/context";
import { enqueueJob } from "@/lib/platform/jobs-store";
import { getLog } from "@/lib/platform/log";
import { isShuttingDown } from "@/lib/platform/shutdown";
import { inTransaction, isDatabaseAway, isDuplicate, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import {
  beat,
  beginWriting,
  type ClaimedJob,
  claimJob,
  findJob,
  findNext,
  putOutdated,
  putState,
  releaseLost,
  saveMoved,
} from "./job-store";
import { type Batch, type ImportKind, ImportRefused } from "./kind";
import {
  addCounts,
  type ImportCounts,
  type ImportFailure,
  type ImportKindName,
  isBeyondTenth,
} from "./model";

/** How each kind of import is run. */
export type ImportKinds = Readonly<Partial<Record<ImportKindName, ImportKind>>>;

/** The import is in another's hands. */
class Lost extends Error {}

/** Puts the import that waits the longest into the queue, where none is run: one at a time is. */
export async function enqueueNext(tx: Tx): Promise<void> {
  const next = await findNext(tx);
  if (next === undefined) return;
  await enqueueJob(tx, {
    task: "import",
    payload: { jobId: next.id, requestId: next.requestId },
    key: `import/${next.id}`,
  });
}

/** Frees the imports of processes that are gone, for the next to go on; one that killed process after process has failed. */
export async function freeLost(tx: Tx, ctx: Context): Promise<void> {
  for (const { id, ...job } of await releaseLost(tx)) {
    getLog().error({ jobId: id }, "processes died over an import");
    await recordEvent(tx, ctx, {
      kind: "directory.imported",
      outcome: "fault",
      reason: "crashed",
      target: target(id),
      details: toDetails(job, job.counts),
    });
  }
}

const target = (jobId: string) => ({ kind: "import", id: jobId });

const toDetails = (job: Pick<ClaimedJob, "kind">, counts: Partial<ImportCounts>) => ({
  source: job.kind,
  ...counts,
});

/** Lets go of an import in `state`; whoever waits is next. */
async function letGo(
  tx: Tx,
  jobId: string,
  state: "stopped" | "queued" | "done" | "failed",
  failure: { reason: ImportFailure; why: Why | null } | null = null,
): Promise<void> {
  await putState(tx, jobId, state, failure);
  await enqueueNext(tx);
}

/**
 * Runs an import: finds out what it comes to, and does it where that was confirmed or needn't be. In batches, each with its own
 * commit, which moves the import's progress too: who is stopped or dies at any point is followed by who goes on from the last batch.
 * A batch is committed only by who holds the import, so that two never do. Where by now more people would be disabled than was said yes
 * to, and more than a tenth, it asks again before it changes anybody, or anybody more.
 *
 * It ends when the import has ended, waits for a word of staff, was told to stop, or this process is on its way out; then another goes on.
 * @returns whether it ran at all: not where another import runs, or this one doesn't wait to be run.
 * @throws {Denied} for anybody but the system and the operator; where the database is away, which the sweep goes on after.
 * @see audit `directory.import-begun`, `directory.imported`, `directory.import-stopped`, and those of its kind
 */
export async function runImport(
  ctx: Context,
  { jobId }: { jobId: string },
  kinds: ImportKinds,
): Promise<boolean> {
  await requirePermission(ctx, "system:work");
  const runner = randomUUID();
  await inTransaction((tx) => freeLost(tx, ctx));
  const job = await inTransaction((tx) => claimJob(tx, jobId, runner)).catch((error: unknown) => {
    if (isDuplicate(error)) return undefined;
    throw error;
  });
  if (job === undefined) return false;
  try {
    const kind = kinds[job.kind];
    if (kind === undefined) throw new ImportRefused("source_away");
    if (job.phase === "preview") {
      if (!(await runBatches(ctx, job, runner, kind.preview(job)))) return true;
      if (!(await endPreview(ctx, job, runner))) return true;
      job.phase = "write";
      job.cursor = null;
    } else {
      if (await asksAgain(ctx, job, runner, kind)) return true;
      if (job.cursor === null) await inTransaction((tx) => recordBegun(tx, ctx, job));
    }
    const written = (await findNow(job.id)) ?? job;
    if (!(await runBatches(ctx, job, runner, kind.write({ ...job, ...written })))) return true;
    await inTransaction(async (tx) => {
      const held = await hold(tx, job.id, runner);
      await letGo(tx, job.id, "done");
      await recordEvent(tx, ctx, {
        kind: "directory.imported",
        outcome: "ok",
        target: target(job.id),
        details: toDetails(job, held.counts),
      });
    });
  } catch (error) {
    if (error instanceof Lost) return true;
    if (isDatabaseAway(error)) throw error;
    await fail(ctx, job, runner, error);
  }
  return true;
}

async function findNow(jobId: string) {
  const now = await inTransaction((tx) => findJob(tx, jobId));
  return now === undefined
    ? undefined
    : { header: now.header, previewCounts: now.previewCounts, settings: now.settings };
}

async function hold(tx: Tx, jobId: string, runner: string) {
  const held = await beat(tx, jobId, runner);
  if (held === undefined) throw new Lost();
  return held;
}

/** @returns whether all were done; false: the import was let go. */
async function runBatches(
  ctx: Context,
  job: ClaimedJob,
  runner: string,
  batches: AsyncIterable<Batch>,
): Promise<boolean> {
  for await (const batch of batches) {
    const commit = () =>
      inTransaction(async (tx) => {
        const held = await hold(tx, job.id, runner);
        if (held.state === "stopping") {
          await letGo(tx, job.id, "stopped");
          await recordStopped(tx, ctx, job, held.counts);
          return false;
        }
        if (isShuttingDown()) {
          await letGo(tx, job.id, "queued");
          return false;
        }
        await saveMoved(tx, job.id, held, await batch(tx, ctx));
        return true;
      });
    // Another door may have added one of them in this moment: they are known the second time.
    const goesOn = await commit().catch((error: unknown) => {
      if (isDuplicate(error)) return commit();
      throw error;
    });
    if (!goesOn) return false;
  }
  return true;
}

const recordBegun = (tx: Tx, ctx: Context, job: ClaimedJob) =>
  recordEvent(tx, ctx, {
    kind: "directory.import-begun",
    outcome: "ok",
    target: target(job.id),
    details: toDetails(job, {}),
  });

const recordStopped = (tx: Tx, ctx: Context, job: ClaimedJob, counts: ImportCounts) =>
  recordEvent(tx, ctx, {
    kind: "directory.import-stopped",
    outcome: "ok",
    target: target(job.id),
    details: toDetails(job, counts),
  });

/** @returns whether it may be done at once. */
async function endPreview(ctx: Context, job: ClaimedJob, runner: string): Promise<boolean> {
  return inTransaction(async (tx) => {
    const { state, previewCounts, counts } = await hold(tx, job.id, runner);
    const now = await findJob(tx, job.id);
    const asks =
      now?.confirm === "always" ||
      (now?.confirm === "beyond_tenth" && isBeyondTenth(previewCounts, now.enabledBefore ?? 0));
    const isStopped = state === "stopping" && !asks;
    await beginWriting(tx, job.id, asks ? "waiting" : isStopped ? "stopped" : "running");
    if (isStopped) await recordStopped(tx, ctx, job, counts);
    else if (!asks) await recordBegun(tx, ctx, job);
    if (asks || isStopped) await enqueueNext(tx);
    return !asks && !isStopped;
  });
}

/**
 * Looks again, where writing begins or goes on, whom it would disable by now.
 * @returns whether more people came since the preview than may be disabled unasked: then a word is waited for once more.
 */
async function asksAgain(ctx: Context, job: ClaimedJob, runner: string, kind: ImportKind): Promise<boolean> {
  const now = await kind.countAbsent?.(job);
  if (now === undefined) return false;
  const gone = (await inTransaction((tx) => findJob(tx, job.id)))?.counts.absent ?? 0;
  const more = now.absent + gone - (job.previewCounts.absent ?? 0);
  const counts = addCounts(job.previewCounts, { absent: more, disabled: more });
  if (more <= 0 || !isBeyondTenth(counts, now.enabled)) return false;
  await inTransaction(async (tx) => {
    await hold(tx, job.id, runner);
    await putOutdated(tx, job.id, counts, now.enabled);
    await recordEvent(tx, ctx, {
      kind: "directory.import-begun",
      outcome: "refused",
      reason: "changed_meanwhile",
      target: target(job.id),
      details: toDetails(job, counts),
    });
    await enqueueNext(tx);
  });
  return true;
}

async function fail(ctx: Context, job: ClaimedJob, runner: string, error: unknown): Promise<void> {
  const isRefused = error instanceof ImportRefused;
  if (!isRefused) getLog().error({ err: error, requestId: ctx.requestId, jobId: job.id }, "import fault");
  const failure = isRefused
    ? { reason: error.reason, why: error.why }
    : { reason: "fault" as const, why: { reason: "logged", requestId: ctx.requestId } as const };
  await inTransaction(async (tx) => {
    const { counts } = await hold(tx, job.id, runner);
    await letGo(tx, job.id, "failed", failure);
    await recordEvent(tx, ctx, {
      kind: "directory.imported",
      outcome: isRefused ? "refused" : "fault",
      reason: failure.reason,
      target: target(job.id),
      details: toDetails(job, counts),
    });
  });
}

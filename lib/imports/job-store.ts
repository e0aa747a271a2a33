import "server-only";
import { sql } from "drizzle-orm";
import { importJob } from "@/db/schema/imports";
import type { Why } from "@/lib/directory/why";
import { iso8601 } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { JobInHand, Moved } from "./kind";
import {
  addCounts,
  type ImportCounts,
  type ImportFailure,
  type ImportKindName,
  type ImportState,
  type SampledChange,
  sampleMax,
} from "./model";

/** Who runs an import says so with each batch; from nobody's word for so long on it is nobody's. */
const leaseSeconds = 30;

const json = (value: unknown) => sql`${JSON.stringify(value)}::text::jsonb`;

/** An import that is asked for. */
export interface NewJob {
  kind: ImportKindName;
  state: "receiving" | "queued";
  label: string;
  settings: object;
  confirm: "always" | "beyond_tenth" | "never";
  askedByKind: string;
  askedById: string | null;
  askedByLabel: string | null;
  requestId: string;
  isForeground: boolean;
}

/** Adds an import. */
export async function insertJob(tx: Tx, job: NewJob): Promise<string> {
  const [row] = await tx
    .insert(importJob)
    .values({ ...job, settings: job.settings as Record<string, unknown> })
    .returning({ id: importJob.id });
  return (row as { id: string }).id;
}

/** Discards the uploads of a staff member that never ended, with what came of them, but for the `kept` newest. */
export async function discardUploads(tx: Tx, staffId: string, kept: number): Promise<void> {
  await tx.execute(sql`
    with stale as (
      update import_job set state = 'discarded', ended_at = now() where id in (
        select id from import_job where state = 'receiving' and asked_by_id = ${staffId} and not is_foreground
        order by created_at desc offset ${kept})
      returning id)
    delete from import_chunk using stale where job_id = stale.id`);
}

/** An import over which so many processes died, without coming on in between, is not given to another. */
const lossesMax = 3;

/**
 * Frees the imports of processes that are gone; those of a shell, and those that were told to stop, have stopped.
 * @returns those over which one process too many died: they have failed.
 */
export async function releaseLost(
  tx: Tx,
): Promise<{ id: string; kind: ImportKindName; counts: Partial<ImportCounts> }[]> {
  const lost = await tx.execute<{
    id: string;
    kind: ImportKindName;
    counts: Partial<ImportCounts>;
    state: ImportState;
  }>(sql`
    update import_job j set runner = null, beat_at = null, losses = losses + 1, state = n.state,
      failure = case when n.state = 'failed' then 'crashed' end, ended_at = case when n.state = 'failed' then now() end
    from (select id, case when is_foreground or state = 'stopping' then 'stopped'
        when losses + 1 >= ${lossesMax}::integer then 'failed' else 'queued' end as state
      from import_job where runner is not null and beat_at < now() - make_interval(secs => ${leaseSeconds}::integer)
      for update) n
    where j.id = n.id
    returning j.id, j.kind, j.counts, j.state`);
  return lost.filter(({ state }) => state === "failed");
}

/** An import as its runner holds it. */
export interface ClaimedJob extends JobInHand {
  kind: ImportKindName;
  phase: "preview" | "write";
}

const inHand = sql`id, kind, phase, settings, cursor, header, preview_counts as "previewCounts"`;

/** Takes an import into the hands of `runner`. Undefined: it doesn't wait to be run, or another runs. */
export async function claimJob(tx: Tx, jobId: string, runner: string): Promise<ClaimedJob | undefined> {
  const [job] = await tx.execute<ClaimedJob & Record<string, unknown>>(sql`
    update import_job set runner = ${runner}::uuid, beat_at = now(),
      state = case phase when 'preview' then 'previewing' else 'running' end
    where id = ${jobId}::uuid and state = 'queued' and not exists (select from import_job where runner is not null)
    returning ${inHand}`);
  return job;
}

/** Says that `runner` is still at it, and holds the row until the transaction ends. Undefined: it is another's by now. */
export async function beat(
  tx: Tx,
  jobId: string,
  runner: string,
): Promise<
  | {
      state: ImportState;
      phase: "preview" | "write";
      previewCounts: ImportCounts;
      counts: ImportCounts;
      sample: SampledChange[];
    }
  | undefined
> {
  const [job] = await tx.execute<{
    state: ImportState;
    phase: "preview" | "write";
    previewCounts: ImportCounts;
    counts: ImportCounts;
    sample: SampledChange[];
  }>(sql`
    update import_job set beat_at = now() where id = ${jobId}::uuid and runner = ${runner}::uuid
    returning state, phase, preview_counts as "previewCounts", counts, sample`);
  return job;
}

/** Keeps what a batch did beside its rows. */
export async function saveMoved(
  tx: Tx,
  jobId: string,
  job: NonNullable<Awaited<ReturnType<typeof beat>>>,
  moved: Moved,
): Promise<void> {
  const isPreview = job.phase === "preview";
  const counts = addCounts(isPreview ? job.previewCounts : job.counts, moved.counts ?? {});
  const sample = [...job.sample, ...(moved.sample ?? [])].slice(0, sampleMax);
  await tx.execute(sql`
    update import_job set cursor = ${json(moved.cursor)}, losses = 0,
      ${isPreview ? sql`preview_counts` : sql`counts`} = ${json(counts)},
      sample = ${json(sample)},
      progress_done = coalesce(${moved.done ?? null}::bigint, progress_done),
      progress_total = ${moved.total === undefined ? sql`progress_total` : sql`${moved.total}::bigint`},
      header = coalesce(${sql.param(moved.header ?? null)}::text[], header),
      enabled_before = coalesce(${moved.enabledBefore ?? null}::integer, enabled_before)
    where id = ${jobId}::uuid`);
}

/** What an import is that stands still: nobody's, and in a state. */
export async function putState(
  tx: Tx,
  jobId: string,
  state: ImportState,
  failure: { reason: ImportFailure; why: Why | null } | null = null,
): Promise<void> {
  await tx.execute(sql`
    update import_job set state = ${state}, runner = null, beat_at = null,
      failure = ${failure?.reason ?? null}, failure_why = ${failure?.why == null ? null : JSON.stringify(failure.why)}::jsonb,
      ended_at = case when ${state} in ('done', 'failed', 'discarded') then now() end
    where id = ${jobId}::uuid`);
}

/** Ends the preview: what comes is the writing, from its beginning. */
export async function beginWriting(
  tx: Tx,
  jobId: string,
  state: "waiting" | "stopped" | "running",
): Promise<void> {
  await tx.execute(sql`
    update import_job set phase = 'write', cursor = null, losses = 0, previewed_at = now(), state = ${state},
      progress_done = 0, progress_total = null,
      runner = case when ${state} = 'running' then runner end, beat_at = case when ${state} = 'running' then beat_at end
    where id = ${jobId}::uuid`);
}

/** Asks for another word on an import that comes to more than was said yes to. */
export async function putOutdated(
  tx: Tx,
  jobId: string,
  counts: ImportCounts,
  enabledBefore: number,
): Promise<void> {
  await tx.execute(sql`
    update import_job set state = 'waiting', runner = null, beat_at = null, confirmed_at = null, previewed_at = now(),
      preview_counts = ${json(counts)}, enabled_before = ${enabledBefore}::integer
    where id = ${jobId}::uuid`);
}

/** Somebody said that it may be done. */
export async function putConfirmed(tx: Tx, jobId: string): Promise<void> {
  await tx.execute(
    sql`update import_job set confirmed_at = now(), state = 'queued' where id = ${jobId}::uuid`,
  );
}

/** Tells whoever runs an import to stop; one that nobody runs has. */
export async function askToStop(tx: Tx, jobId: string): Promise<void> {
  await tx.execute(sql`
    update import_job set state = case when runner is null then 'stopped' else 'stopping' end where id = ${jobId}::uuid`);
}

/** Lets an import go on from its cursor, by whichever worker comes first. */
export async function putResumed(tx: Tx, jobId: string): Promise<void> {
  await tx.execute(sql`
    update import_job set state = 'queued', is_foreground = false, losses = 0, failure = null, failure_why = null, ended_at = null
    where id = ${jobId}::uuid`);
}

/** An import as it is shown and decided about. */
export interface JobRow {
  id: string;
  kind: ImportKindName;
  state: ImportState;
  phase: "preview" | "write";
  label: string;
  settings: Record<string, unknown>;
  confirm: "always" | "beyond_tenth" | "never";
  progressDone: number;
  progressTotal: number | null;
  previewCounts: Partial<ImportCounts>;
  counts: Partial<ImportCounts>;
  enabledBefore: number | null;
  sample: SampledChange[];
  header: string[] | null;
  askedByKind: string;
  askedById: string | null;
  askedByLabel: string | null;
  isForeground: boolean;
  failure: ImportFailure | null;
  failureWhy: Why | null;
  /** ISO 8601, UTC. */
  createdAt: string;
  previewedAt: string | null;
  confirmedAt: string | null;
  endedAt: string | null;
  strippedAt: string | null;
}

const row = sql`id, kind, state, phase, label, settings, confirm, progress_done::float8 as "progressDone",
  progress_total::float8 as "progressTotal", preview_counts as "previewCounts", counts, enabled_before as "enabledBefore", sample, header,
  asked_by_kind as "askedByKind", asked_by_id as "askedById", asked_by_label as "askedByLabel", is_foreground as "isForeground",
  failure, failure_why as "failureWhy", ${iso8601`created_at`} as "createdAt", ${iso8601`previewed_at`} as "previewedAt",
  ${iso8601`confirmed_at`} as "confirmedAt", ${iso8601`ended_at`} as "endedAt", ${iso8601`stripped_at`} as "strippedAt"`;

/** Finds an import. */
export async function findJob(tx: Tx, jobId: string): Promise<JobRow | undefined> {
  const [job] = await tx.execute<JobRow & Record<string, unknown>>(
    sql`select ${row} from import_job where id = ${jobId}::uuid`,
  );
  return job;
}

/** The same, held until the transaction ends. */
export async function lockJob(tx: Tx, jobId: string): Promise<JobRow | undefined> {
  const [job] = await tx.execute<JobRow & Record<string, unknown>>(
    sql`select ${row} from import_job where id = ${jobId}::uuid for update`,
  );
  return job;
}

/** Whether an import of a kind runs, or waits for its turn or for a word. */
export async function hasOpenJob(tx: Tx, kind: ImportKindName): Promise<boolean> {
  const open = await tx.execute(sql`
    select 1 from import_job where kind = ${kind} and state in ('queued', 'previewing', 'waiting', 'running', 'stopping') limit 1`);
  return open.length > 0;
}

/** The last imports, the newest first. */
export async function listJobs(tx: Tx, limit: number): Promise<JobRow[]> {
  return tx.execute<JobRow & Record<string, unknown>>(
    sql`select ${row} from import_job order by created_at desc, id desc limit ${limit}`,
  );
}

/** The import that waits the longest to be run, where none is run now. */
export async function findNext(tx: Tx): Promise<{ id: string; requestId: string } | undefined> {
  const [job] = await tx.execute<{ id: string; requestId: string }>(sql`
    select id, request_id as "requestId" from import_job
    where state = 'queued' and not is_foreground and not exists (select from import_job where runner is not null)
    order by created_at limit 1`);
  return job;
}

/** Discards imports that nobody went on with: an upload after 2 h, a preview after a day, a stopped one after a week. */
export async function discardLeft(tx: Tx): Promise<void> {
  await tx.execute(sql`
    update import_job set state = 'discarded', ended_at = now() where runner is null and (
      (state = 'receiving' and created_at < now() - interval '2 hours')
      or (state = 'waiting' and previewed_at < now() - interval '1 day')
      or (state = 'stopped' and created_at < now() - interval '7 days'))`);
}

/** The imports of which rows may be left that nobody needs: `all` of them, or the lines and pieces of their files alone. */
export async function listLeftovers(tx: Tx): Promise<{ id: string; all: boolean }[]> {
  return tx.execute<{ id: string; all: boolean }>(sql`
    select id, ended_at < now() - interval '7 days' as all from import_job j
    where stripped_at is null and ended_at is not null and (ended_at < now() - interval '7 days'
      or (state in ('done', 'discarded') and (exists (select from import_line l where l.job_id = j.id)
        or exists (select from import_chunk c where c.job_id = j.id))))
    limit 20`);
}

/** Deletes up to so many lines, and as many pieces as hold as much, of an import; answers whether some may be left. */
export async function deleteLines(tx: Tx, jobId: string): Promise<boolean> {
  const { length: lines } = await tx.execute(sql`
    delete from import_line where job_id = ${jobId}::uuid and key = any(array(
      select key from import_line where job_id = ${jobId}::uuid order by key limit 5000)) returning 1`);
  const { length: chunks } = await tx.execute(sql`
    delete from import_chunk where job_id = ${jobId}::uuid and number = any(array(
      select number from import_chunk where job_id = ${jobId}::uuid order by number limit 32)) returning 1`);
  return lines + chunks > 0;
}

/** Forgets whatever is personal of an import; its counts stay. */
export async function stripJob(tx: Tx, jobId: string): Promise<void> {
  await tx.execute(sql`delete from import_refusal where job_id = ${jobId}::uuid`);
  await tx.execute(sql`
    update import_job set stripped_at = now(), label = '', settings = '{}', cursor = null, sample = '[]' where id = ${jobId}::uuid`);
}

/** How many people of a source there are, and how many of them may sign in. */
export interface SourceCount {
  source: "csv" | "demo" | "scim" | "ldap";
  people: number;
  enabled: number;
}

/** Counts people by where they come from, those apart who were taken away. */
export async function countSources(tx: Tx): Promise<SourceCount[]> {
  return tx.execute<SourceCount & Record<string, unknown>>(sql`
    select source, count(*)::float8 as people, count(*) filter (where disabled_at is null)::float8 as enabled
    from users where deleted_at is null group by source order by source`);
}

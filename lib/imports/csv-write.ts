import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { addUsers, type NewUser, prepareUser } from "@/lib/directory/add-users";
import { compare } from "@/lib/directory/compare";
import { importUsers } from "@/lib/directory/import";
import { lockImports } from "@/lib/directory/import-store";
import { listTaken, planAnew } from "@/lib/directory/known-store";
import { disableUser, endAccessOfDisabled } from "@/lib/grants/leave";
import type { Context } from "@/lib/platform/context";
import { inStatement, type Tx } from "@/lib/platform/transaction";
import { countJudged, judgeLines } from "./judge";
import type { Batch, JobInHand, Moved } from "./kind";
import {
  countLines,
  insertRefusals,
  listEnabled,
  listLines,
  type StoredLine,
  settleManagers,
} from "./lines-store";
import { addCounts, type CsvSettings, noCounts } from "./model";

/** How many people one transaction takes: they are locked for as long. */
const peopleAtOnce = 1_000;
const keysAtOnce = 5_000;
/** Each of them may hold grants that end one by one. */
const leaversAtOnce = 250;

type Cursor =
  | { stage: "people"; key: string; done: number; total: number }
  | { stage: "managers"; key: string; done: number; total: number }
  | { stage: "absent"; id: string | null };

/** Brings in who stands in a file that was read, in the order of their logins, then their managers, and disables who isn't in it. */
export async function* writeCsv(job: JobInHand): AsyncGenerator<Batch> {
  const settings = job.settings as unknown as CsvSettings;
  const total = await inStatement((tx) => countLines(tx, job.id));
  let cursor = (job.cursor ?? { stage: "people", key: "", done: 0, total }) as Cursor;
  if (cursor.stage === "people") {
    yield* writePeople(job, cursor);
    cursor = { stage: "managers", key: "", done: total, total };
  }
  if (cursor.stage === "managers") {
    yield* writeManagers(job.id, cursor);
    cursor = { stage: "absent", id: null };
  }
  if (settings.isReplacing) yield* disableAbsent(job.id, cursor.id);
}

async function* writePeople(job: JobInHand, from: Cursor & { stage: "people" }): AsyncGenerator<Batch> {
  let done = from.done;
  let upcoming = prepare(job.id, from.key);
  for (;;) {
    const page = await upcoming;
    const key = page.lines.at(-1)?.key;
    if (key === undefined) return;
    done += page.lines.length;
    const cursor = { ...from, key, done };
    // While the database takes these in, the next are made ready.
    upcoming = prepare(job.id, key);
    upcoming.catch(() => undefined);
    yield async (tx, ctx) => ({ ...(await bringIn(tx, ctx, job, page)), cursor, done, total: from.total });
  }
}

/** Lines, and what will be written of those who weren't here when it was made ready, by their keys. */
interface Page {
  lines: StoredLine[];
  added: ReadonlyMap<string, NewUser>;
}

async function prepare(jobId: string, after: string): Promise<Page> {
  const lines = await inStatement((tx) => listLines(tx, jobId, after, peopleAtOnce));
  const here = await inStatement((tx) => listHere(tx, lines));
  const added = new Map<string, NewUser>();
  for (const line of lines)
    if (!here.has(line.key))
      added.set(
        line.key,
        prepareUser(compare(line, undefined, undefined).wanted, line.fields.managerKey ?? null),
      );
  return { lines, added };
}

const listHere = (tx: Tx, lines: readonly StoredLine[]) =>
  listTaken(
    tx,
    lines.map(({ key }) => key),
  );

async function bringIn(
  tx: Tx,
  ctx: Context,
  job: JobInHand,
  { lines, added }: Page,
): Promise<Pick<Moved, "counts">> {
  await planAnew(tx);
  await lockImports(tx);
  const here = await listHere(tx, lines);
  const fresh = lines.flatMap(({ key }) => (here.has(key) ? [] : (added.get(key) ?? [])));
  await addUsers(tx, fresh, "csv");
  const others = lines.filter(({ key }) => here.has(key) || !added.has(key));
  const { judged, refused } = await judgeLines(tx, others);
  await importUsers(
    tx,
    judged.filter(({ is }) => is !== "unchanged").map(({ wanted }) => wanted),
  );
  const counts = addCounts(countJudged(judged), {
    people: lines.length,
    refused: refused.length,
    added: fresh.length,
  });
  for (const { known, becomesDisabled, becomesEnabled } of judged) {
    if (known === undefined) continue;
    if (becomesDisabled)
      counts.grantsEnded += await endAccessOfDisabled(tx, ctx, { userId: known.id, because: "named" });
    if (becomesEnabled) await recordEvent(tx, ctx, { kind: "user.enabled", outcome: "ok", userId: known.id });
  }
  const loginAt = (job.header ?? []).findIndex((name) => name.trim().toLowerCase() === "login");
  await insertRefusals(
    tx,
    job.id,
    refused.map(({ line, why }) => ({
      line: line.line,
      cells: (job.header ?? []).map((_, i) => (i === loginAt ? line.login : "")),
      why,
    })),
  );
  return { counts };
}

async function* writeManagers(jobId: string, from: Cursor & { stage: "managers" }): AsyncGenerator<Batch> {
  for (let after: string | null = from.key; after !== null; ) {
    const key: string = after;
    yield async (tx) => {
      await planAnew(tx);
      await lockImports(tx);
      const { last, becomeChanged, unknown } = await settleManagers(tx, jobId, key, keysAtOnce);
      after = last;
      return {
        cursor: last === null ? { stage: "absent", id: null } : { ...from, key: last },
        counts: { changed: becomeChanged, unchanged: -becomeChanged, managersUnknown: unknown },
      };
    };
  }
}

async function* disableAbsent(jobId: string, from: string | null): AsyncGenerator<Batch> {
  for (let after = from, isLast = false; !isLast; ) {
    const page = await inStatement((tx) => listEnabled(tx, jobId, after, keysAtOnce));
    isLast = page.length < keysAtOnce;
    const absent = page.filter(({ isNamed }) => !isNamed);
    for (let at = 0; at < absent.length; at += leaversAtOnce) {
      const leavers = absent.slice(at, at + leaversAtOnce);
      yield async (tx, ctx) => ({
        cursor: { stage: "absent", id: leavers.at(-1)?.id ?? null },
        counts: await disable(tx, ctx, leavers),
      });
    }
    after = page.at(-1)?.id ?? after;
  }
}

async function disable(tx: Tx, ctx: Context, leavers: readonly { id: string }[]) {
  const counts = { ...noCounts };
  await lockImports(tx);
  for (const { id } of leavers) {
    const { isChanged, grantsEnded } = await disableUser(tx, ctx, { userId: id, because: "absent" });
    counts.disabled += isChanged ? 1 : 0;
    counts.absent += isChanged ? 1 : 0;
    counts.grantsEnded += grantsEnded;
  }
  return counts;
}

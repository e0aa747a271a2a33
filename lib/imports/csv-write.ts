import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { addUsers, type NewUser, prepareUser } from "@/lib/directory/add-users";
import { importUsers } from "@/lib/directory/import";
import { lockImports } from "@/lib/directory/import-store";
import { countEnabled, lockKnown, planAnew } from "@/lib/directory/known-store";
import { recordPhones, toNumbers } from "@/lib/directory/record-phones";
import { disableUser, endAccessOfDisabled } from "@/lib/grants/leave";
import type { Context } from "@/lib/platform/context";
import { inStatement, inTransaction, type Tx } from "@/lib/platform/transaction";
import { toCsvSettings } from "./csv-settings";
import { countJudged, judgeLines, judgeNew, listHere } from "./judge";
import type { Batch, JobInHand } from "./kind";
import {
  countLines,
  countUnnamed,
  insertRefusals,
  listEnabled,
  listLines,
  type StoredLine,
  settleManagers,
} from "./lines-store";
import { addCounts, type ImportCounts, noCounts } from "./model";

/** How many people one transaction takes: they are locked for as long. */
const peopleAtOnce = 1_000;
/** Somebody may be in two thousand groups. */
const bytesAtOnce = 4_000_000;
const keysAtOnce = 5_000;
/** Each of them may hold grants that end one by one. */
const leaversAtOnce = 250;

type Cursor =
  /** `unmanaged`: for so many the manager wasn't here when they were brought in. */
  | { stage: "people"; key: string; done: number; total: number; unmanaged: number }
  | { stage: "managers"; key: string }
  | { stage: "absent"; id: string | null };

/** Counts anew whom a file that is everybody doesn't name. */
export async function countAbsentNow(job: JobInHand): Promise<{ enabled: number; absent: number }> {
  const { isReplacing } = toCsvSettings(job.settings);
  return inTransaction(async (tx) => ({
    enabled: await countEnabled(tx),
    absent: isReplacing ? await countUnnamed(tx, job.id) : 0,
  }));
}

/** Brings in who stands in a file that was read, in the order of their logins, then their managers, and disables who isn't in it. */
export async function* writeCsv(job: JobInHand): AsyncGenerator<Batch> {
  const settings = toCsvSettings(job.settings);
  const total = await inStatement((tx) => countLines(tx, job.id));
  let cursor = (job.cursor ?? { stage: "people", key: "", done: 0, total, unmanaged: 0 }) as Cursor;
  if (cursor.stage === "people") {
    const unmanaged = yield* writePeople(job, cursor);
    cursor = unmanaged === 0 ? { stage: "absent", id: null } : { stage: "managers", key: "" };
  }
  if (cursor.stage === "managers") {
    yield* writeManagers(job.id, cursor);
    cursor = { stage: "absent", id: null };
  }
  if (settings.isReplacing) yield* disableAbsent(job.id, cursor.id);
}

async function* writePeople(
  job: JobInHand,
  from: Cursor & { stage: "people" },
): AsyncGenerator<Batch, number> {
  let { done, unmanaged } = from;
  let upcoming = prepare(job.id, from.key);
  for (;;) {
    const page = await upcoming;
    const key = page.lines.at(-1)?.key;
    if (key === undefined) return unmanaged;
    done += page.lines.length;
    // While the database takes these in, the next are made ready.
    upcoming = prepare(job.id, key);
    upcoming.catch(() => undefined);
    const before = unmanaged;
    yield async (tx, ctx) => {
      const { counts, awaited } = await bringIn(tx, ctx, job, page);
      unmanaged = before + awaited;
      return { cursor: { ...from, key, done, unmanaged }, counts, done, total: from.total };
    };
  }
}

/** Lines, and what will be written of those who weren't here when it was made ready, by their keys. */
interface Page {
  lines: StoredLine[];
  added: ReadonlyMap<string, NewUser>;
}

async function prepare(jobId: string, after: string): Promise<Page> {
  const { lines, here } = await inTransaction(async (tx) => {
    await planAnew(tx);
    const read = await listLines(tx, jobId, after, { limit: peopleAtOnce, bytesMax: bytesAtOnce });
    return { lines: read, here: await listHere(tx, read) };
  });
  const added = new Map<string, NewUser>();
  for (const line of lines)
    if (!here.has(line.key))
      added.set(line.key, prepareUser(judgeNew(line).wanted, line.fields.managerKey ?? null));
  return { lines, added };
}

async function bringIn(
  tx: Tx,
  ctx: Context,
  job: JobInHand,
  { lines, added }: Page,
): Promise<{ counts: ImportCounts; awaited: number }> {
  await planAnew(tx);
  await lockImports(tx);
  const here = await listHere(tx, lines);
  const fresh = lines.flatMap(({ key }) => (here.has(key) ? [] : (added.get(key) ?? [])));
  const unmanaged = await addUsers(tx, fresh, "csv");
  const others = lines.filter(({ key }) => here.has(key) || !added.has(key));
  await lockKnown(
    tx,
    others.map(({ key }) => key),
  );
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
  for (const { known, wanted, becomesDisabled, becomesEnabled } of judged) {
    if (known === undefined) continue;
    const user = { userId: known.id, userLabel: wanted.displayName };
    if (becomesDisabled)
      counts.grantsEnded += await endAccessOfDisabled(tx, ctx, { ...user, because: "named" });
    if (becomesEnabled) await recordEvent(tx, ctx, { kind: "user.enabled", outcome: "ok", ...user });
    await recordPhones(tx, ctx, user, toNumbers(known.phones), wanted.phones);
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
  const awaited = unmanaged + judged.filter(({ isManagerAwaited }) => isManagerAwaited).length;
  return { counts, awaited };
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
        cursor: last === null ? { stage: "absent", id: null } : { stage: "managers", key: last },
        counts: { changed: becomeChanged, unchanged: -becomeChanged, managersUnknown: unknown },
      };
    };
  }
}

async function* disableAbsent(jobId: string, from: string | null): AsyncGenerator<Batch> {
  for (let after = from, isLast = false; !isLast; ) {
    const page = await inTransaction(async (tx) => {
      await planAnew(tx);
      return listEnabled(tx, jobId, after, keysAtOnce);
    });
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

import "server-only";
import { countEnabled, listTaken, planAnew } from "@/lib/directory/known-store";
import {
  type BadLine,
  type Header,
  type PersonLine,
  parseHeader,
  parseLine,
} from "@/lib/directory/people-columns";
import { type FileLine, readLines, UnreadableFile } from "@/lib/directory/people-file";
import { inStatement, inTransaction, type Tx } from "@/lib/platform/transaction";
import { deleteChunks, readChunk } from "./chunk-store";
import { type CsvSettings, toCsvSettings } from "./csv-settings";
import { findJob } from "./job-store";
import { countJudged, judgeLines, judgeNew, listHere } from "./judge";
import { type Batch, ImportRefused, type JobInHand, type Moved } from "./kind";
import {
  findLines,
  insertLines,
  insertRefusals,
  judgeAwaited,
  listEnabled,
  type NewLine,
  type NewRefusal,
} from "./lines-store";
import { addCounts, noCounts, type SampledChange, sampleMax } from "./model";
import { toSample } from "./sample";

const linesAtOnce = 1_000;
/** Lines may be long: so many characters are in memory at a time. */
const charactersAtOnce = 2_000_000;
const keysAtOnce = 5_000;

type Cursor =
  | { stage: "read"; line: number }
  | { stage: "managers"; key: string }
  | { stage: "absent"; id: string | null };

interface Read extends FileLine {
  person: PersonLine | BadLine;
}

/** The bytes of a job's file that were read so far, beside them. */
async function* readPieces(jobId: string, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for (let number = 0; ; number += 1) {
    const piece = await inStatement((tx) => readChunk(tx, jobId, number));
    if (piece === undefined) return;
    onRead(piece.length);
    yield piece;
  }
}

/** Finds out what a file of people comes to: reads it once, keeps who stands in it, and compares them with who is here. */
export async function* previewCsv(job: JobInHand): AsyncGenerator<Batch> {
  const settings = toCsvSettings(job.settings);
  let cursor = (job.cursor ?? { stage: "read", line: 0 }) as Cursor;
  if (cursor.stage === "read") {
    yield* readFile(job, settings, cursor.line);
    cursor = { stage: "managers", key: "" };
    const next = cursor;
    yield async (tx) => {
      await deleteChunks(tx, job.id);
      return { cursor: next, done: settings.sizeBytes };
    };
  }
  if (cursor.stage === "managers") {
    yield* judgeManagers(job.id, cursor.key);
    const { nameless = 0 } = (await inStatement((tx) => findJob(tx, job.id)))?.previewCounts ?? {};
    if (settings.isReplacing && nameless > 0) throw new ImportRefused("nameless");
    cursor = { stage: "absent", id: null };
  }
  if (settings.isReplacing) yield* countAbsent(job.id, cursor.id);
}

async function* readFile(
  job: JobInHand,
  { country, sizeBytes }: CsvSettings,
  from: number,
): AsyncGenerator<Batch> {
  let bytes = 0;
  let header: Header | undefined;
  let batch: Read[] = [];
  let characters = 0;
  const take = (lines: readonly Read[]): Batch => {
    const done = bytes;
    return async (tx) => ({
      ...(await stage(tx, job.id, lines)),
      done: Math.min(done, sizeBytes),
      total: sizeBytes,
    });
  };
  try {
    for await (const { line, cells } of readLines(readPieces(job.id, (more) => (bytes += more)))) {
      if (header === undefined) {
        const parsed = parseHeader(cells);
        if ("why" in parsed) throw new UnreadableFile(parsed.why);
        header = parsed.header;
        const enabledBefore = await inTransaction(countEnabled);
        if (from === 0)
          yield async () => ({
            cursor: { stage: "read", line },
            header: [...cells],
            enabledBefore,
            total: sizeBytes,
          });
        continue;
      }
      if (line <= from) continue;
      batch.push({ line, cells, person: parseLine(header, cells, country ?? undefined) });
      characters += cells.reduce((sum, cell) => sum + cell.length + 8, 0);
      if (batch.length < linesAtOnce && characters < charactersAtOnce) continue;
      yield take(batch);
      batch = [];
      characters = 0;
    }
  } catch (error) {
    if (error instanceof UnreadableFile) throw new ImportRefused("unreadable", error.why, { cause: error });
    throw error;
  }
  if (header === undefined) throw new ImportRefused("unreadable", { reason: "empty" });
  if (batch.length > 0) yield take(batch);
}

/** Keeps lines and refusals, and counts what they come to. */
async function stage(tx: Tx, jobId: string, read: readonly Read[]): Promise<Moved> {
  await planAnew(tx);
  const refusals: NewRefusal[] = [];
  const named = read.flatMap(({ line, person }) => (person.key === null ? [] : [{ key: person.key, line }]));
  const first = new Map(
    await findLines(
      tx,
      jobId,
      named.map(({ key }) => key),
    ),
  );
  for (const { key, line } of named) if (!first.has(key)) first.set(key, line);
  const taken: (PersonLine & { at: Read })[] = [];
  const lines: NewLine[] = [];
  for (const at of read) {
    const { line, cells, person } = at;
    const before = person.key === null ? line : (first.get(person.key) as number);
    if ("why" in person) refusals.push({ line, cells, why: person.why });
    else if (before !== line) refusals.push({ line, cells, why: { reason: "login_in_line", line: before } });
    else taken.push({ ...person, at });
    if ("why" in person && person.key !== null && before === line)
      lines.push({
        key: person.key,
        line,
        login: person.key,
        fields: null,
        isManagerAwaited: false,
        isUnchanged: false,
      });
  }
  const here = await listHere(tx, taken);
  const fresh = taken.filter(({ key }) => !here.has(key));
  const { judged, refused } = await judgeLines(
    tx,
    taken.filter(({ key }) => here.has(key)),
  );
  const managers = await listTaken(tx, [...new Set(fresh.flatMap(({ fields }) => fields.managerKey ?? []))]);
  for (const {
    line: { at, key, login },
    why,
  } of refused) {
    refusals.push({ line: at.line, cells: at.cells, why });
    lines.push({ key, line: at.line, login, fields: null, isManagerAwaited: false, isUnchanged: false });
  }
  for (const { line, is, isManagerAwaited } of judged)
    lines.push({
      key: line.key,
      line: line.at.line,
      login: line.login,
      fields: line.fields,
      isManagerAwaited,
      isUnchanged: isManagerAwaited && is === "unchanged",
    });
  for (const { key, login, fields, at } of fresh)
    lines.push({
      key,
      line: at.line,
      login,
      fields,
      isManagerAwaited: fields.managerKey != null && !managers.has(fields.managerKey),
      isUnchanged: false,
    });
  await insertLines(tx, jobId, lines);
  await insertRefusals(tx, jobId, refusals);
  return {
    cursor: { stage: "read", line: read.at(-1)?.line ?? 0 },
    counts: {
      ...addCounts(countJudged(judged), { added: fresh.length }),
      people: read.length,
      refused: refusals.length,
      nameless: read.length - named.length,
    },
    sample: [
      ...judged.flatMap((each) => toSample(each) ?? []),
      ...fresh.slice(0, sampleMax).flatMap((line) => toSample({ ...judgeNew(line), known: undefined }) ?? []),
    ].slice(0, sampleMax),
  };
}

async function* judgeManagers(jobId: string, from: string): AsyncGenerator<Batch> {
  for (let after: string | null = from; after !== null; ) {
    const key: string = after;
    yield async (tx) => {
      await planAnew(tx);
      const { last, becomeChanged, unknown } = await judgeAwaited(tx, jobId, key, keysAtOnce);
      after = last;
      return {
        cursor: last === null ? { stage: "absent", id: null } : { stage: "managers", key: last },
        counts: { changed: becomeChanged, unchanged: -becomeChanged, managersUnknown: unknown },
      };
    };
  }
}

async function* countAbsent(jobId: string, from: string | null): AsyncGenerator<Batch> {
  for (let after = from, isLast = false; !isLast; ) {
    const begin = after;
    yield async (tx) => {
      await planAnew(tx);
      const page = await listEnabled(tx, jobId, begin, keysAtOnce);
      const absent = page.filter(({ isNamed }) => !isNamed);
      after = page.at(-1)?.id ?? begin;
      isLast = page.length < keysAtOnce;
      return {
        cursor: { stage: "absent", id: after },
        counts: addCounts(noCounts, { disabled: absent.length, absent: absent.length }),
        sample: absent.slice(0, 20).map(({ login }): SampledChange => ({ login, is: "absent", fields: [] })),
      };
    };
  }
}

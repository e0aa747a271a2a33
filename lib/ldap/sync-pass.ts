import "server-only";
import { lockImports, setManagers } from "@/lib/directory/import-store";
import { lockKnown, planAnew } from "@/lib/directory/known-store";
import type { Why } from "@/lib/directory/why";
import { disableUser } from "@/lib/grants/leave";
import { countJudged } from "@/lib/imports/judge";
import { type Batch, ImportRefused, type JobInHand, type Moved } from "@/lib/imports/kind";
import { insertRefusals } from "@/lib/imports/lines-store";
import {
  addCounts,
  type ImportCounts,
  type SampledChange,
  sampleMax,
  toDisabledMax,
} from "@/lib/imports/model";
import { toSample } from "@/lib/imports/sample";
import type { Context } from "@/lib/platform/context";
import { inStatement, type Tx } from "@/lib/platform/transaction";
import type { BadEntry, DirectoryPerson } from "./entry";
import type { Groups } from "./groups";
import { type JudgedPerson, judgePeople } from "./judge";
import { lineUp } from "./line-up";
import type { Cursor } from "./model";
import { partDoubles } from "./part-doubles";
import { countKept, findHere, findHolders, findKept, listKept } from "./people-store";
import { type DirectoryReader, LatestChange, type Roll } from "./reader";
import { type DirectoryRow, putSynced } from "./store";
import { writePeople } from "./write-people";

/** How many people one transaction takes: they are locked for as long. */
const peopleAtOnce = 250;
const keysAtOnce = 5_000;

/** However little changed, everybody is compared once a day. */
const fullEveryMs = 24 * 3600_000;

/** What a phase that begins again counts again. */
type SyncCursor = { counted: Partial<ImportCounts>; disabled: number };

/** Somebody whose manager wasn't here when they were brought in. */
interface Awaiting {
  directoryId: string;
  managerDirectoryId: string;
  isUnchanged: boolean;
}

const again = ["people", "unchanged", "refused", "nameless", "phonesKept", "managersUnknown"] as const;

/**
 * One reading of the directory, that only counts or also writes. It begins at its beginning whenever it goes on: what was done
 * differs no more, and isn't done twice.
 */
export class SyncPass {
  readonly #latest = new LatestChange();
  readonly #seen = new Set<string>();
  readonly #deferred: DirectoryPerson[] = [];
  readonly #awaited: Awaiting[] = [];
  /** Logins that somebody has here and gives up, where that is only counted. */
  readonly #freed = new Set<string>();
  #counted: Partial<ImportCounts> = {};
  #disabled = 0;
  #disabledMax = Number.POSITIVE_INFINITY;
  #line = 0;

  constructor(
    private readonly job: JobInHand,
    private readonly row: DirectoryRow,
    private readonly reader: DirectoryReader,
    private readonly isWriting: boolean,
  ) {}

  async *batches(): AsyncGenerator<Batch> {
    yield await this.#begin();
    const here = await this.reader.readCursor();
    const groups = await this.reader.readGroups();
    let roll: Roll = { idByDn: new Map(), ids: new Set(), nameless: 0 };
    for await (const read of this.reader.readRoll()) {
      roll = read;
      yield this.#stay();
    }
    const since = this.#since(here, groups);
    const total = since === null ? roll.ids.size + roll.nameless : null;
    let done = 0;
    for await (const page of this.reader.readPeople(groups, since, this.#latest.note)) {
      for (let at = 0; at < page.length; at += peopleAtOnce) {
        const people = page.slice(at, at + peopleAtOnce);
        done += people.length;
        yield this.#step(this.#take(people, roll, { done, total }));
      }
    }
    yield* this.#absent(roll, groups);
    yield* this.#bringInDeferred(roll);
    for (let at = 0; at < this.#awaited.length; at += keysAtOnce)
      yield this.#step(this.#settle(this.#awaited.slice(at, at + keysAtOnce), roll));
    if (this.isWriting) yield this.#end(here ?? this.#latest.toCursor() ?? since, groups, since === null);
  }

  async #begin(): Promise<Batch> {
    const enabled = await inStatement(countKept);
    const { counted, disabled } = (this.job.cursor ?? { counted: {}, disabled: 0 }) as SyncCursor;
    this.#disabled = this.isWriting ? disabled : 0;
    if (this.isWriting)
      this.#disabledMax = Math.max(this.job.previewCounts.disabled ?? 0, toDisabledMax(enabled + disabled));
    const undone = Object.fromEntries(Object.entries(counted).map(([name, count]) => [name, -count]));
    return async () => ({
      cursor: this.#cursor(),
      counts: addCounts(undone, {}),
      header: ["login", "id"],
      done: 0,
      total: null,
      ...(this.isWriting ? {} : { enabledBefore: enabled }),
    });
  }

  /** From where on changes are read; null: everything is, as it must be where groups, settings or the directory itself changed. */
  #since(here: Cursor | null, groups: Groups): Cursor | null {
    const { cursor, groupsDigest, fullAt } = this.row;
    const last = cursor as Cursor | null;
    const isDue = fullAt === null || Date.now() - fullAt.getTime() > fullEveryMs;
    if (this.job.settings.isFull === true || last === null || isDue || groupsDigest !== groups.digest)
      return null;
    const isSame =
      last.by === "time" ? here === null : here?.by === "usn" && here.invocationId === last.invocationId;
    return isSame ? last : null;
  }

  #cursor(): Record<string, unknown> {
    return { counted: this.#counted, disabled: this.#disabled } satisfies SyncCursor;
  }

  #moved(counts: Partial<ImportCounts>, more: Partial<Moved> = {}): Moved {
    const counted = this.isWriting
      ? Object.fromEntries(again.map((name) => [name, counts[name] ?? 0]))
      : counts;
    this.#counted = addCounts(this.#counted, counted);
    return { cursor: this.#cursor(), counts: addCounts(counts, {}), ...more };
  }

  /** A batch that may be run again, as its transaction is after a deadlock, and counts once. */
  #step(work: Batch): Batch {
    const before = [this.#counted, this.#disabled, this.#line] as const;
    const lengths = [this.#deferred.length, this.#awaited.length] as const;
    return (tx, ctx) => {
      [this.#counted, this.#disabled, this.#line] = before;
      [this.#deferred.length, this.#awaited.length] = lengths;
      return work(tx, ctx);
    };
  }

  /** Says that it goes on. */
  #stay(): Batch {
    return async () => ({ cursor: this.#cursor() });
  }

  #allow(more: number): void {
    this.#disabled += more;
    if (this.#disabled > this.#disabledMax)
      throw new ImportRefused("too_many_disabled", {
        reason: "too_many_disabled",
        disabled: this.#disabled,
      });
  }

  #take(
    entries: readonly (DirectoryPerson | BadEntry)[],
    roll: Roll,
    progress: Pick<Moved, "done" | "total">,
  ): Batch {
    const people = entries.flatMap((entry) => ("why" in entry ? [] : [entry]));
    const bad = entries.flatMap((entry) => ("why" in entry ? [entry] : []));
    const bringIn = this.#bringIn(people, roll, false, bad);
    return async (tx, ctx) => ({ ...(await bringIn(tx, ctx)), ...progress });
  }

  #bringIn(
    people: readonly DirectoryPerson[],
    roll: Roll,
    isLast: boolean,
    bad: readonly BadEntry[] = [],
  ): Batch {
    const fresh = people.filter(({ directoryId }) => isLast || !this.#seen.has(directoryId));
    for (const { directoryId } of fresh) this.#seen.add(directoryId);
    const { lines, doubles } = partDoubles(fresh);
    return async (tx, ctx) => {
      await planAnew(tx);
      if (this.isWriting) {
        await lockImports(tx);
        await lockKnown(
          tx,
          lines.map(({ key }) => key),
          lines.map(({ directoryId }) => directoryId),
        );
      }
      const { judged, refused, deferred } = await judgePeople(tx, lines, roll, isLast, this.#freed);
      if (isLast)
        refused.push(...doubles.map((line) => ({ line, why: { reason: "login_doubled" } as const })));
      else this.#deferred.push(...deferred, ...doubles);
      const turnedAway = await this.#turnAway(tx, ctx, [
        ...refused.map(({ line, why }) => ({ ...line, isDisabled: line.fields.isDisabled === true, why })),
        ...bad,
      ]);
      await this.#note(
        tx,
        judged.flatMap(({ line }) => (line.phonesUnread > 0 ? [line] : [])),
      );
      const counts = { ...countJudged(judged), people: judged.length };
      for (const { is, isManagerAwaited, managerId, wanted } of judged)
        if (isManagerAwaited && managerId !== null)
          this.#awaited.push({
            directoryId: wanted.directoryId,
            managerDirectoryId: managerId,
            isUnchanged: is === "unchanged",
          });
      this.#allow(counts.disabled);
      if (this.isWriting) counts.grantsEnded = await writePeople(tx, ctx, judged);
      else this.#passOn(judged);
      return this.#moved(addCounts(counts, turnedAway), {
        sample: judged.flatMap((each) => toSample(each) ?? []).slice(0, sampleMax),
      });
    };
  }

  /** Notes what becomes of logins, where nothing is written that would tell. */
  #passOn(judged: readonly JudgedPerson[]): void {
    for (const { known, line } of judged)
      if (known !== undefined && known.key !== line.key) this.#freed.add(known.key);
    for (const { line } of judged) this.#freed.delete(line.key);
  }

  /** Finds those who aren't on the roll, asks for each by id, and disables who isn't found. */
  async *#absent(roll: Roll, groups: Groups): AsyncGenerator<Batch> {
    const missing = await listMissing(roll);
    const leavers: typeof missing = [];
    for (let at = 0; at < missing.length; at += peopleAtOnce) {
      const asked = missing.slice(at, at + peopleAtOnce);
      const found = await this.reader.lookUp(
        asked.map(({ directoryId }) => directoryId),
        groups,
      );
      const ids = new Set(found.map(({ directoryId }) => directoryId));
      leavers.push(...asked.filter(({ directoryId }) => !ids.has(directoryId)));
      yield this.#step(this.#take(found, roll, {}));
    }
    this.#allow(leavers.length);
    this.#disabled -= leavers.length;
    for (let at = 0; at < leavers.length; at += peopleAtOnce) {
      const some = leavers.slice(at, at + peopleAtOnce);
      yield this.#step(async (tx, ctx) => {
        if (this.isWriting) await lockImports(tx);
        const { disabled, grantsEnded } = await this.#disable(tx, ctx, some, "absent");
        const sample = some
          .map(({ login }): SampledChange => ({ login, is: "absent", fields: [] }))
          .slice(0, sampleMax);
        return this.#moved({ disabled, absent: disabled, grantsEnded }, { sample });
      });
    }
  }

  /** Brings in those whose logins others had when they were read. */
  async *#bringInDeferred(roll: Roll): AsyncGenerator<Batch> {
    const deferred = this.#deferred.splice(0);
    for (const people of lineUp(deferred, await readHolders(deferred), peopleAtOnce))
      yield this.#step(this.#bringIn(people, roll, true));
  }

  async #disable(
    tx: Tx,
    ctx: Context,
    people: readonly { id: string }[],
    because: "named" | "absent",
  ): Promise<{ disabled: number; grantsEnded: number }> {
    this.#allow(people.length);
    if (!this.isWriting) return { disabled: people.length, grantsEnded: 0 };
    const done = { disabled: 0, grantsEnded: 0 };
    for (const { id } of people) {
      const { isChanged, grantsEnded } = await disableUser(tx, ctx, { userId: id, because });
      done.disabled += isChanged ? 1 : 0;
      done.grantsEnded += grantsEnded;
    }
    return done;
  }

  /** Gives people the managers who came after them. */
  #settle(awaited: readonly Awaiting[], roll: Roll): Batch {
    return async (tx) => {
      const here = await findHere(
        tx,
        awaited.map(({ managerDirectoryId }) => managerDirectoryId),
      );
      const isThere = (id: string) => here.has(id) || (!this.isWriting && roll.ids.has(id));
      const found = awaited.filter(({ managerDirectoryId }) => isThere(managerDirectoryId));
      if (this.isWriting) {
        await lockImports(tx);
        await setManagers(tx, found);
      }
      const changed = found.filter(({ isUnchanged }) => isUnchanged).length;
      return this.#moved({ changed, unchanged: -changed, managersUnknown: awaited.length - found.length });
    };
  }

  #end(cursor: Cursor | null, groups: Groups, isFull: boolean): Batch {
    return async (tx) => {
      await putSynced(tx, this.row.version, { cursor, groupsDigest: groups.digest, isFull });
      return { cursor: this.#cursor() };
    };
  }

  /** Lists whose entries aren't taken. Who is disabled by theirs is so all the same. */
  async #turnAway(tx: Tx, ctx: Context, entries: readonly BadEntry[]): Promise<Partial<ImportCounts>> {
    await this.#refuse(tx, entries);
    const left = entries.flatMap(({ directoryId, isDisabled }) =>
      isDisabled && directoryId !== null ? [directoryId] : [],
    );
    return {
      ...(await this.#disable(tx, ctx, await findKept(tx, left), "named")),
      people: entries.length,
      refused: entries.length,
      nameless: entries.filter(({ directoryId }) => directoryId === null).length,
    };
  }

  async #refuse(tx: Tx, refused: readonly { login: string | null; directoryId: string | null; why: Why }[]) {
    if (this.isWriting) return;
    await insertRefusals(
      tx,
      this.job.id,
      refused.map(({ login, directoryId, why }) => {
        this.#line += 1;
        return { line: this.#line, cells: [login ?? "", directoryId ?? ""], why };
      }),
    );
  }

  /** Tells, beside the refused, of whom a number was left out. */
  async #note(tx: Tx, people: readonly DirectoryPerson[]): Promise<void> {
    await this.#refuse(
      tx,
      people.map((person) => ({ ...person, why: { reason: "phone_left_out" } })),
    );
  }
}

/** Whom the directory keeps here and doesn't have on its roll. */
async function listMissing(roll: Roll): Promise<{ id: string; directoryId: string; login: string }[]> {
  const missing: { id: string; directoryId: string; login: string }[] = [];
  for (let after: string | null = null, isLast = false; !isLast; ) {
    const page: typeof missing = await inStatement((tx) => listKept(tx, after, keysAtOnce));
    after = page.at(-1)?.id ?? after;
    isLast = page.length < keysAtOnce;
    missing.push(...page.filter(({ directoryId }) => !roll.ids.has(directoryId)));
  }
  return missing;
}

/** The directory ids of those who have the logins of `people` now, by the logins. */
async function readHolders(people: readonly DirectoryPerson[]): Promise<ReadonlyMap<string, string>> {
  const holders = new Map<string, string>();
  for (let at = 0; at < people.length; at += keysAtOnce) {
    const keys = people.slice(at, at + keysAtOnce).map(({ key }) => key);
    for (const { key, directoryId } of await inStatement((tx) => findHolders(tx, keys)))
      holders.set(key, directoryId);
  }
  return holders;
}

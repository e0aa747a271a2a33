import "server-only";
import type { FileHandle } from "node:fs/promises";
import type { CountryCode } from "libphonenumber-js/max";
import { recordEvent } from "@/lib/audit/record";
import { type Comparison, compare } from "@/lib/directory/compare";
import { importUsers } from "@/lib/directory/import";
import { lockImports, setManagers } from "@/lib/directory/import-store";
import {
  type KnownPerson,
  listDirectoryIds,
  listEnabled,
  listKnown,
  planAnew,
} from "@/lib/directory/known-store";
import { type Header, type PersonLine, parseHeader, parseLine } from "@/lib/directory/people-columns";
import { readLines, UnreadableFile } from "@/lib/directory/people-file";
import { disableUser, endAccessOfDisabled } from "@/lib/grants/leave";
import type { Context } from "@/lib/platform/context";
import { inTransaction, type Tx } from "@/lib/platform/transaction";

/** How many lines one transaction takes: their users are locked for as long. */
const batchSize = 250;

/** What a file comes to, in people. */
export type ImportCounts = {
  /** Lines below the header: those taken and those refused. */
  people: number;
  added: number;
  changed: number;
  unchanged: number;
  refused: number;
  /** Refused lines that name nobody. */
  nameless: number;
  /** Who may not sign in any more: by the file's word, or because they aren't in it. */
  disabled: number;
  /** Those of `disabled` who aren't in the file. */
  absent: number;
  enabled: number;
  grantsEnded: number;
  /** Numbers that staff set and the file has otherwise. */
  phonesKept: number;
  /** People whose manager is neither here nor in the file. */
  managersUnknown: number;
};

interface Pending {
  directoryId: string;
  managerKey: string;
  isUnchanged: boolean;
}

interface Entry extends PersonLine {
  cells: string[];
}

interface Judged extends Comparison {
  known: KnownPerson | undefined;
  pending: Pending | undefined;
}

/** One reading of a file of people, that only counts or also writes. */
export class Pass {
  readonly #counts: ImportCounts = {
    people: 0,
    added: 0,
    changed: 0,
    unchanged: 0,
    refused: 0,
    nameless: 0,
    disabled: 0,
    absent: 0,
    enabled: 0,
    grantsEnded: 0,
    phonesKept: 0,
    managersUnknown: 0,
  };
  /** Every login that stands in the file, folded, with its first line. */
  readonly #seen = new Map<string, number>();
  readonly #taken = new Set<string>();
  #pending: Pending[] = [];

  constructor(
    private readonly ctx: Context,
    private readonly input: { country?: CountryCode | undefined; isReplacing: boolean },
    private readonly mode: {
      writes: boolean;
      onRefused: (cells: readonly string[], why: string) => Promise<void>;
    },
  ) {}

  /**
   * Reads all lines and brings in, or counts, who stands in them.
   * @param onHeader is told the header as it stands there.
   * @throws {UnreadableFile}
   */
  async read(handle: FileHandle, onHeader: (cells: readonly string[]) => Promise<void>): Promise<void> {
    let header: Header | undefined;
    let batch: Entry[] = [];
    for await (const { line, cells } of readLines(handle)) {
      if (header === undefined) {
        const parsed = parseHeader(cells);
        if ("why" in parsed) throw new UnreadableFile(parsed.why);
        header = parsed.header;
        await onHeader(cells);
        continue;
      }
      this.#counts.people += 1;
      const person = parseLine(header, cells, this.input.country);
      const before = person.key === null ? undefined : this.#seen.get(person.key);
      if (person.key !== null && before === undefined) this.#seen.set(person.key, line);
      if (person.key === null) this.#counts.nameless += 1;
      if ("why" in person) await this.#refuse(cells, person.why);
      else if (before !== undefined) await this.#refuse(cells, `the login stands in line ${before} already`);
      else batch.push({ ...person, cells });
      if (batch.length === batchSize) {
        await this.#bringIn(batch);
        batch = [];
      }
    }
    if (header === undefined) throw new UnreadableFile("it is empty");
    if (batch.length > 0) await this.#bringIn(batch);
  }

  /** Whether both found the same people in the file. */
  hasReadAs(other: Pass): boolean {
    return (
      this.#seen.size === other.#seen.size && [...this.#seen.keys()].every((key) => other.#seen.has(key))
    );
  }

  /** Sets the managers who came after their people, and disables who isn't in the file where that is asked for. */
  async finish(): Promise<ImportCounts> {
    for (let at = 0; at < this.#pending.length; at += batchSize)
      await this.#settle(this.#pending.slice(at, at + batchSize));
    this.#pending = [];
    if (this.input.isReplacing) await this.#disableAbsent();
    return this.#counts;
  }

  async #refuse(cells: readonly string[], why: string): Promise<void> {
    this.#counts.refused += 1;
    await this.mode.onRefused(cells, why);
  }

  async #bringIn(batch: readonly Entry[]): Promise<void> {
    const { judged, foreign, kept, grantsEnded } = await inTransaction(async (tx) => {
      await planAnew(tx);
      if (this.mode.writes) await lockImports(tx);
      const found = await this.#judge(tx, batch);
      return { ...found, grantsEnded: this.mode.writes ? await this.#write(tx, found.judged) : 0 };
    });
    const counts = this.#counts;
    for (const { is, becomesDisabled, becomesEnabled, phonesKept, pending } of judged) {
      counts[is] += 1;
      counts.disabled += becomesDisabled ? 1 : 0;
      counts.enabled += becomesEnabled ? 1 : 0;
      counts.phonesKept += phonesKept;
      if (pending !== undefined) this.#pending.push(pending);
    }
    counts.grantsEnded += grantsEnded;
    for (const { key } of batch) this.#taken.add(key);
    for (const { key, cells } of foreign) {
      this.#taken.delete(key);
      await this.#refuse(cells, "the login is the directory id of somebody with another login");
    }
    for (const { key, cells } of kept) {
      this.#taken.delete(key);
      await this.#refuse(cells, "the directory keeps this person by SCIM");
    }
  }

  async #judge(
    tx: Tx,
    batch: readonly Entry[],
  ): Promise<{ judged: Judged[]; foreign: Entry[]; kept: Entry[] }> {
    const keys = batch.map(({ key }) => key);
    const known = new Map((await listKnown(tx, keys)).map((person) => [person.key, person]));
    const managers = batch.flatMap(({ fields }) => fields.managerKey ?? []);
    const { byLogin, ofOthers } = await listDirectoryIds(tx, [...new Set([...keys, ...managers])]);
    const foreign = batch.filter(({ key }) => !known.has(key) && ofOthers.has(key));
    const kept = batch.filter(({ key }) => known.get(key)?.source === "scim");
    const judged = batch
      .filter((entry) => !foreign.includes(entry) && !kept.includes(entry))
      .map((entry): Judged => {
        const person = known.get(entry.key);
        const { managerKey } = entry.fields;
        const manager = managerKey == null ? managerKey : (byLogin.get(managerKey) ?? null);
        const comparison = compare(entry, person, manager);
        const pending =
          managerKey != null && manager === null
            ? {
                directoryId: comparison.wanted.directoryId,
                managerKey,
                isUnchanged: comparison.is === "unchanged",
              }
            : undefined;
        return { ...comparison, known: person, pending };
      });
    return { judged, foreign, kept };
  }

  /** @returns how many grants ended by it. */
  async #write(tx: Tx, judged: readonly Judged[]): Promise<number> {
    await importUsers(
      tx,
      judged.filter(({ is }) => is !== "unchanged").map(({ wanted }) => wanted),
    );
    let ended = 0;
    for (const { known, becomesDisabled, becomesEnabled } of judged) {
      if (known !== undefined && becomesDisabled)
        ended += await endAccessOfDisabled(tx, this.ctx, { userId: known.id, because: "named" });
      if (known !== undefined && becomesEnabled)
        await recordEvent(tx, this.ctx, { kind: "user.enabled", outcome: "ok", userId: known.id });
    }
    return ended;
  }

  async #settle(pending: readonly Pending[]): Promise<void> {
    const keys = [...new Set(pending.map(({ managerKey }) => managerKey))];
    const settled = await inTransaction(async (tx) => {
      await planAnew(tx);
      const { byLogin } = await listDirectoryIds(tx, keys);
      const found = pending.filter(
        ({ managerKey }) => byLogin.has(managerKey) || (!this.mode.writes && this.#taken.has(managerKey)),
      );
      if (this.mode.writes)
        await setManagers(
          tx,
          found.map(({ directoryId, managerKey }) => ({
            directoryId,
            managerDirectoryId: byLogin.get(managerKey) ?? null,
          })),
        );
      return found;
    });
    const changed = settled.filter(({ isUnchanged }) => isUnchanged).length;
    this.#counts.changed += changed;
    this.#counts.unchanged -= changed;
    this.#counts.managersUnknown += pending.length - settled.length;
  }

  async #disableAbsent(): Promise<void> {
    for (let after: string | null = null; ; ) {
      const page: { id: string; key: string }[] = await inTransaction((tx) =>
        listEnabled(tx, after, batchSize),
      );
      const absent = page.filter(({ key }) => !this.#seen.has(key));
      const counts = this.#counts;
      if (this.mode.writes && absent.length > 0) {
        const done = await inTransaction((tx) => this.#disable(tx, absent));
        counts.grantsEnded += done.grantsEnded;
        counts.disabled += done.disabled;
        counts.absent += done.disabled;
      } else {
        counts.disabled += absent.length;
        counts.absent += absent.length;
      }
      after = page.at(-1)?.id ?? null;
      if (page.length < batchSize) return;
    }
  }

  async #disable(
    tx: Tx,
    people: readonly { id: string }[],
  ): Promise<{ disabled: number; grantsEnded: number }> {
    const done = { disabled: 0, grantsEnded: 0 };
    await lockImports(tx);
    for (const { id } of people) {
      const { isChanged, grantsEnded } = await disableUser(tx, this.ctx, { userId: id, because: "absent" });
      done.disabled += isChanged ? 1 : 0;
      done.grantsEnded += grantsEnded;
    }
    return done;
  }
}

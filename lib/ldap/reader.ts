import "server-only";
import {
  AndFilter,
  EqualityFilter,
  type Filter,
  FilterParser,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  OrFilter,
  PresenceFilter,
} from "ldapts";
import {
  type BadEntry,
  type DirectoryPerson,
  readEntry,
  readId,
  stateAttributes,
  toIdValue,
  toWindowsTime,
} from "./entry";
import { type Groups, memberAttributes, toGroups } from "./groups";
import type { OpenDirectory, RawEntry } from "./ldap-adapter";
import { type Cursor, type DirectoryScope, DirectoryTrouble, defaultsOf, foldDn } from "./model";

/** Everybody who is in the directory now. */
export interface Roll {
  /** By the folded names of their entries. */
  idByDn: ReadonlyMap<string, string>;
  ids: ReadonlySet<string>;
  /** Entries that have no id, which nobody can be told apart by. */
  nameless: number;
}

/** So many are asked for by their ids at once. */
const lookUpSize = 50;

/** How much earlier than the last change that was seen is looked again: servers that copy each other do it one after the other. */
const overlapMs = 10 * 60_000;

/** How long after an account expired it is read again although nothing changed it: longer than until everybody is compared. */
const expiredForMs = 48 * 3600_000;

/** Reads one directory, over a connection that is open. */
export class DirectoryReader {
  readonly #now = new Date();

  constructor(
    private readonly directory: OpenDirectory,
    private readonly scope: DirectoryScope,
  ) {}

  /** Calls the roll: the ids of all, and nothing else of them. What is given after each page is the same roll, whole after the last. */
  async *readRoll(): AsyncGenerator<Roll> {
    const { mapping, flavour } = this.scope;
    const idByDn = new Map<string, string>();
    const ids = new Set<string>();
    let nameless = 0;
    for await (const page of this.#people([mapping.id])) {
      const before = ids.size + nameless;
      for (const entry of page) {
        const id = readId(entry.values(mapping.id)[0], flavour);
        if (id === undefined) nameless += 1;
        else {
          ids.add(id);
          idByDn.set(foldDn(entry.dn), id);
        }
      }
      if (page.length > 0 && ids.size + nameless === before)
        throw new DirectoryTrouble("endless", "a page brought nobody who was not on one before");
      yield { idByDn, ids, nameless };
    }
  }

  /** How many people there are, up to so many. */
  async count(most: number): Promise<{ people: number; isMore: boolean }> {
    let people = 0;
    for await (const page of this.#people([this.scope.mapping.id])) {
      people += page.length;
      if (people > most) return { people: most, isMore: true };
    }
    return { people, isMore: false };
  }

  /** Reads all groups. */
  async readGroups(): Promise<Groups> {
    const { groupBaseDn, groupFilter, groupsBy, flavour } = this.scope;
    const entries = await this.directory.find({
      base: groupBaseDn,
      filter: FilterParser.parseString(groupFilter),
      attributes: [
        "cn",
        "memberOf",
        defaultsOf[flavour].changed,
        ...(groupsBy === "member" ? memberAttributes : []),
      ],
      // Each may name all of its members.
      pageSize: groupsBy === "member" ? 10 : 100,
    });
    const whole = [];
    for (const entry of entries) whole.push(await this.#complete(entry, [...memberAttributes, "memberOf"]));
    return toGroups(whole, this.scope);
  }

  /** Reads people, those who may differ since `since` or all, a page at a time. `note` is told what each entry says of its last change. */
  async *readPeople(
    groups: Groups,
    since: Cursor | null,
    note: (changed: string) => void = () => undefined,
  ): AsyncGenerator<(DirectoryPerson | BadEntry)[]> {
    const { changed } = defaultsOf[this.scope.flavour];
    for await (const page of this.#people(this.#attributes(), since)) {
      for (const entry of page) note(String(entry.values(changed)[0] ?? ""));
      yield await this.#toPeople(page, groups);
    }
  }

  /** Asks for people by their ids, one after another: whoever isn't among the answers is not in the directory. */
  async lookUp(ids: readonly string[], groups: Groups): Promise<(DirectoryPerson | BadEntry)[]> {
    const { mapping, flavour } = this.scope;
    const found: (DirectoryPerson | BadEntry)[] = [];
    for (let at = 0; at < ids.length; at += lookUpSize) {
      const wanted = ids
        .slice(at, at + lookUpSize)
        .map((id) => new EqualityFilter({ attribute: mapping.id, value: toIdValue(id, flavour) }));
      const entries = await this.directory.find({
        base: this.scope.baseDn,
        filter: new AndFilter({ filters: [this.#userFilter(), new OrFilter({ filters: wanted })] }),
        attributes: this.#attributes(),
        pageSize: this.scope.pageSize,
      });
      found.push(...(await this.#toPeople(entries, groups)));
    }
    return found;
  }

  /**
   * Where the directory is now: by its count of changes and who counts, of Active Directory. Null where it doesn't say, or
   * `latest`, the time of the last change that was seen, is to be taken.
   */
  async readCursor(): Promise<Cursor | null> {
    if (this.scope.flavour !== "active-directory") return null;
    const [root] = await this.directory.find({
      base: "",
      scope: "base",
      filter: new PresenceFilter({ attribute: "objectClass" }),
      attributes: ["highestCommittedUSN", "dsServiceName"],
    });
    const usn = String(root?.values("highestCommittedUSN")[0] ?? "");
    const service = String(root?.values("dsServiceName")[0] ?? "");
    if (!/^\d{1,19}$/.test(usn) || service === "") return null;
    const [settings] = await this.directory
      .find({
        base: service,
        scope: "base",
        filter: new PresenceFilter({ attribute: "objectClass" }),
        attributes: ["invocationId"],
      })
      .catch((error: unknown) => {
        if (error instanceof DirectoryTrouble && ["base_not_found", "not_allowed"].includes(error.reason))
          return [];
        throw error;
      });
    const invocationId = readId(settings?.values("invocationId")[0], "active-directory");
    return invocationId === undefined ? null : { by: "usn", invocationId, usn };
  }

  #userFilter() {
    return FilterParser.parseString(this.scope.userFilter);
  }

  #attributes(): string[] {
    const { mapping, flavour, groupsBy } = this.scope;
    const mapped = Object.values(mapping).filter((attribute) => attribute !== "");
    return [
      ...new Set([
        ...mapped,
        ...stateAttributes[flavour],
        defaultsOf[flavour].changed,
        ...(groupsBy === "memberOf" ? ["memberOf"] : []),
      ]),
    ];
  }

  #people(attributes: string[], since: Cursor | null = null): AsyncGenerator<RawEntry[]> {
    const changed = since === null ? undefined : this.#changedSince(since);
    const filter =
      changed === undefined ? this.#userFilter() : new AndFilter({ filters: [this.#userFilter(), changed] });
    return this.directory.pages({
      base: this.scope.baseDn,
      filter,
      attributes,
      pageSize: this.scope.pageSize,
    });
  }

  #changedSince(since: Cursor): Filter {
    const attribute = defaultsOf[this.scope.flavour].changed;
    const value = since.by === "usn" ? String(BigInt(since.usn) + 1n) : since.modifiedAt;
    const changed = new GreaterThanEqualsFilter({ attribute, value });
    return this.scope.flavour === "active-directory"
      ? new OrFilter({ filters: [changed, this.#expiredLately()] })
      : changed;
  }

  /** An account of Active Directory expires by the clock: no change tells of it. */
  #expiredLately(): Filter {
    const attribute = "accountExpires";
    const before = (ms: number) => String(toWindowsTime(this.#now.getTime() - ms));
    return new AndFilter({
      filters: [
        new GreaterThanEqualsFilter({ attribute, value: before(expiredForMs) }),
        new LessThanEqualsFilter({ attribute, value: before(0) }),
      ],
    });
  }

  async #toPeople(page: readonly RawEntry[], groups: Groups): Promise<(DirectoryPerson | BadEntry)[]> {
    const people = [];
    for (const entry of page) {
      const whole = await this.#complete(entry, ["memberOf"]);
      people.push(readEntry(whole, this.scope, groups.of(whole), this.#now));
    }
    return people;
  }

  /** Fetches the rest of values that Active Directory hands over in ranges ([MS-ADTS] 3.1.1.3.1.3.3). */
  async #complete(entry: RawEntry, attributes: readonly string[]): Promise<RawEntry> {
    const completed = new Map<string, readonly (string | Buffer)[]>();
    for (const attribute of attributes) {
      const values: (string | Buffer)[] = [];
      for (let part = entry.range(attribute); part !== undefined; ) {
        values.push(...part.values);
        if (part.next === null) break;
        const [next] = await this.directory.find({
          base: entry.dn,
          scope: "base",
          filter: new PresenceFilter({ attribute: "objectClass" }),
          attributes: [`${attribute};range=${part.next}-*`],
        });
        const { next: from } = part;
        part = next?.range(attribute);
        if (part?.next != null && part.next <= from)
          throw new DirectoryTrouble("endless", `${attribute} has parts that come again`);
      }
      if (values.length > 0) completed.set(attribute.toLowerCase(), values);
    }
    if (completed.size === 0) return entry;
    return { ...entry, values: (name) => completed.get(name.toLowerCase()) ?? entry.values(name) };
  }
}

/** The cursor of a directory that only knows when an entry was changed, of what was seen so far. */
export class LatestChange {
  #latest = "";

  readonly note = (changed: string): void => {
    if (/^\d{14}(\.\d+)?Z$/.test(changed) && changed > this.#latest) this.#latest = changed;
  };

  /** Where to go on from; null: nothing was seen that says when. */
  toCursor(): Cursor | null {
    const [, year, month, day, hour, minute, second] =
      /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(this.#latest) ?? [];
    if (year === undefined) return null;
    const at = Date.UTC(+year, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
    const from = new Date(at - overlapMs).toISOString();
    return { by: "time", modifiedAt: `${from.slice(0, 19).replace(/[-:T]/g, "")}Z` };
  }
}

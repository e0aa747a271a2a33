import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement, type Tx } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { requirePermission } from "@/lib/staff/require-permission";
import { foldKey } from "./fold";
import { type SearchUsersInput, searchUsersSchema } from "./input";
import {
  type KeyList,
  listsOfPair,
  listsOfPairBestFirst,
  listsOfTerm,
  listsOfThree,
  listsOfWhole,
  listsUnpaired,
} from "./lists";
import type { PhoneChannel } from "./model";
import { maskPhone } from "./phone";
import {
  compareFits,
  type Fit,
  findStretches,
  fitQuery,
  isEmpty,
  parseQuery,
  type Query,
  type Stretch,
} from "./query";
import { listSearchWords, listUsers, listUsersByPhone, readLists, type UserRow } from "./search-store";
import { decodeWords } from "./words";

/** A user who was found. */
export interface FoundUser {
  id: string;
  login: string;
  email: string | null;
  displayName: string;
  employeeNumber: string | null;
  title: string | null;
  department: string | null;
  site: string | null;
  photoUrl: string | null;
  isDisabled: boolean;
  /** Masked. */
  phones: { channel: PhoneChannel; masked: string }[];
  /** Where the typed words stand in each text. */
  stretches: Readonly<Record<"displayName" | "login" | "email" | "employeeNumber", readonly Stretch[]>>;
}

/** Who was found, the best first. */
export interface Found {
  ok: true;
  users: FoundUser[];
  /**
   * `none`: these are all. `some`: more fit than are shown. `perhaps`: of so many who have each word not all were looked at for the
   * others; who is shown fits, and a further letter finds the rest.
   */
  more: "none" | "some" | "perhaps";
}

interface Hit {
  userId: string;
  fit: Fit;
  isDisabled: boolean;
  word: string;
}

function compareHits(a: Hit, b: Hit): number {
  return (
    compareFits(a.fit, b.fit) ||
    Number(a.isDisabled) - Number(b.isDisabled) ||
    (a.word < b.word ? -1 : Number(a.word > b.word))
  );
}

class Hits {
  readonly #byUser = new Map<string, Hit>();
  isComplete = true;

  add(hit: Hit): void {
    const known = this.#byUser.get(hit.userId);
    if (known === undefined || compareHits(hit, known) < 0) this.#byUser.set(hit.userId, hit);
  }

  has(userId: string): boolean {
    return this.#byUser.has(userId);
  }

  get size(): number {
    return this.#byUser.size;
  }

  best(most: number): Hit[] {
    return [...this.#byUser.values()].sort(compareHits).slice(0, most);
  }
}

/** How many of a list are looked at one by one, first, and where nothing better is at hand. */
const SIFTED = 48;
const SIFTED_MAX = 256;

/** So many words are looked for in the index, the longest; the others are looked for in who was found. */
const SOUGHT = 3;

const isFull = (rows: readonly unknown[], most: number) => rows.length >= most;

/** Reads lists in which everybody fits, so far that the best `want` of each are there. */
async function gather(tx: Tx, hits: Hits, lists: readonly KeyList[], want: number): Promise<void> {
  for (let most = want; ; most *= 4) {
    const found = await readLists(tx, lists, most);
    for (const [i, rows] of found.entries()) {
      const { rank, fitOf } = lists[i] as KeyList;
      for (const { userId, word } of rows)
        hits.add({ userId, fit: fitOf(word), isDisabled: rank % 2 === 1, word });
    }
    const isEnough = found.every(
      (rows) => !isFull(rows, most) || new Set(rows.map(({ userId }) => userId)).size >= want,
    );
    if (isEnough) return;
  }
}

/** Looks at users one by one, and keeps who fits. */
async function sift(tx: Tx, hits: Hits, query: Query, userIds: Iterable<string>): Promise<void> {
  const unknown = [...new Set(userIds)].filter((userId) => !hits.has(userId));
  if (unknown.length === 0) return;
  for (const { id, words, isDisabled } of await listSearchWords(tx, unknown)) {
    const fit = fitQuery(query, decodeWords(words));
    if (fit !== undefined) hits.add({ userId: id, fit, isDisabled, word: "" });
  }
}

async function searchPair(tx: Tx, hits: Hits, query: Query, want: number): Promise<void> {
  const [one, other] = query.terms;
  if (one === undefined || other === undefined) return;
  await gather(tx, hits, listsOfPairBestFirst(one, other), want);
  if (hits.size >= want) return;
  // Left are those with one word in the name and the other in a login or a number.
  for (const lists of [listsUnpaired, listsOfTerm]) {
    const of = [lists(one), lists(other)] as const;
    const found = await readLists(tx, of.flat(), SIFTED);
    const halves = [found.slice(0, of[0].length), found.slice(of[0].length)] as const;
    const ended = halves.map((half) => half.every((rows) => !isFull(rows, SIFTED)));
    const isCovered = lists === listsUnpaired ? ended.every(Boolean) : ended.some(Boolean);
    const looked = isCovered && lists === listsOfTerm ? [halves[ended[0] ? 0 : 1]] : halves;
    if (isCovered || lists === listsOfTerm)
      await sift(
        tx,
        hits,
        query,
        looked.flatMap((half) => half.flatMap((rows) => rows.map(({ userId }) => userId))),
      );
    if (isCovered) return;
  }
  hits.isComplete = false;
}

async function searchMany(tx: Tx, hits: Hits, query: Query, want: number): Promise<void> {
  const sought = [...query.terms]
    .sort(
      (a, b) => Number(b.kind === "address") - Number(a.kind === "address") || b.text.length - a.text.length,
    )
    .slice(0, SOUGHT);
  const words = sought.filter(({ kind }) => kind === "word");
  const unpaired = new Map(sought.map((term) => [term, listsUnpaired(term)]));
  const pairs = words.flatMap((one, i) =>
    words.slice(i + 1).map((other) => ({ lists: listsOfPair(one, other), terms: [one, other] })),
  );
  const [a, b, c] = words;
  if (a !== undefined && b !== undefined && c !== undefined) {
    const threes = [...listsOfThree(a, b, c), ...listsOfThree(b, c, a), ...listsOfThree(c, a, b)];
    const found = await readLists(tx, threes, want);
    await sift(
      tx,
      hits,
      query,
      found.flatMap((rows) => rows.map(({ userId }) => userId)),
    );
    if (hits.size >= want) return;
  }
  const addresses = sought.filter(({ kind }) => kind === "address");
  const rowsOf = new Map<KeyList, { userId: string }[]>();
  const read = async (lists: readonly KeyList[]) => {
    const found = await readLists(tx, lists, SIFTED);
    for (const [i, list] of lists.entries()) rowsOf.set(list, found[i] ?? []);
  };
  const idsIn = (lists: Iterable<KeyList>) =>
    [...lists].flatMap((list) => (rowsOf.get(list) ?? []).map(({ userId }) => userId));
  /** The fewest who are certain to hold everybody that fits, if one of the lots was read to its end. */
  const findCover = (lots: readonly KeyList[][]) =>
    lots
      .filter((lot) => lot.every((list) => !isFull(rowsOf.get(list) ?? [], SIFTED)))
      .map(idsIn)
      .sort((a, b) => a.length - b.length)[0];

  await read([...pairs.flatMap(({ lists }) => lists), ...[...unpaired.values()].flat()]);
  const lots = [
    ...addresses.map((term) => unpaired.get(term) ?? []),
    ...pairs.map(({ lists, terms }) => [...lists, ...terms.flatMap((term) => unpaired.get(term) ?? [])]),
  ];
  const cover = findCover(lots);
  if (cover !== undefined) return sift(tx, hits, query, cover);
  if (findCover([[...unpaired.values()].flat()]) === undefined) {
    const single = words.map((term) => listsOfTerm(term));
    await read(single.flat());
    const narrow = findCover(single);
    if (narrow !== undefined) return sift(tx, hits, query, narrow);
  }
  await sift(tx, hits, query, idsIn(rowsOf.keys()));
  hits.isComplete = false;
  const [longest] = pairs;
  if (hits.size >= want || longest === undefined) return;
  const deeper = await readLists(tx, longest.lists, SIFTED_MAX);
  await sift(
    tx,
    hits,
    query,
    deeper.flatMap((rows) => rows.map(({ userId }) => userId)),
  );
}

function toFoundUser({ phones, ...user }: UserRow, query: Query): FoundUser {
  const stretches = (text: string | null) => (text === null ? [] : findStretches(text, query));
  return {
    ...user,
    phones: phones.map(({ channel, e164 }) => ({ channel, masked: maskPhone(e164) })),
    stretches: {
      displayName: stretches(user.displayName),
      login: stretches(user.login),
      email: stretches(user.email),
      employeeNumber: stretches(user.employeeNumber),
    },
  };
}

/** Looks users up, as `searchUsers` does, for a verb that has judged who asks. */
export async function findUsers(tx: Tx, input: SearchUsersInput): Promise<Found> {
  const { query: typed, limit } = searchUsersSchema.parse(input);
  const { policy } = await getPolicy(tx);
  const query = parseQuery(typed, policy.countries);
  if (isEmpty(query)) return { ok: true, users: [], more: "none" };
  const want = limit + 1;
  const hits = new Hits();
  if (query.whole.phones.length > 0)
    for (const { id, isDisabled } of await listUsersByPhone(tx, query.whole.phones, want))
      hits.add({ userId: id, fit: { by: "whole", partials: 0 }, isDisabled, word: "" });
  const [first, second] = query.terms;
  const lists = [
    ...(first !== undefined && second === undefined ? listsOfTerm(first) : []),
    ...listsOfWhole(query),
  ];
  if (lists.length > 0) await gather(tx, hits, lists, want);
  if (second !== undefined) {
    const isPair = query.terms.length === 2 && query.terms.every(({ kind }) => kind === "word");
    await (isPair ? searchPair : searchMany)(tx, hits, query, want);
  }
  const best = hits.best(limit);
  const rows = new Map(
    (
      await listUsers(
        tx,
        best.map(({ userId }) => userId),
      )
    ).map((row) => [row.id, row]),
  );
  const users = best
    .flatMap((hit) => {
      const row = rows.get(hit.userId);
      return row === undefined ? [] : [{ hit, row, name: foldKey(row.displayName) }];
    })
    .sort(
      (a, b) =>
        compareFits(a.hit.fit, b.hit.fit) ||
        Number(a.hit.isDisabled) - Number(b.hit.isDisabled) ||
        (a.name < b.name ? -1 : Number(a.name > b.name)) ||
        (a.row.id < b.row.id ? -1 : 1),
    )
    .map(({ row }) => toFoundUser(row, query));
  return { ok: true, users, more: hits.size > limit ? "some" : hits.isComplete ? "none" : "perhaps" };
}

/**
 * Looks users up as somebody types: by name in any script, without regard to case, accents or the order of words, by login,
 * e-mail address, employee number, and by a phone's whole number or exactly its last four digits.
 *
 * Each typed word must be the beginning of a word of its own. Whole words of names come first, then a whole login,
 * address or number, then what names begin with, then all else; enabled users before disabled ones. The same question gives
 * the same order. How long it takes depends neither
 * on the size of the directory nor on how common a word is. Reads only; not audited, as it is asked at every key.
 * @param input `query` as typed, of which 300 characters are read; `limit` 1 to 50, 20 without it.
 * @throws {Denied} without `user:search`.
 * @throws {z.ZodError} where the input is none.
 */
export async function searchUsers(ctx: Context, input: SearchUsersInput): Promise<Found> {
  await requirePermission(ctx, "user:search");
  return inStatement((tx) => findUsers(tx, input));
}

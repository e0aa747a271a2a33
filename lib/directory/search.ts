import "server-only";
import type { Tx } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
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
import { maskPhone, parseE164 } from "./phone";
import { findStretches, fitQuery, isEmpty, parseQuery, type Query, type Stretch, scoreOf } from "./query";
import { findInLists, listUsersByPhone, siftLists, type UserRow } from "./search-store";
import { decodeWords } from "./words";

/** A user as a look-up shows them. */
export interface ShownUser extends Omit<UserRow, "phones"> {
  /** Masked. */
  phones: { channel: PhoneChannel; masked: string }[];
}

/** A user who was found. */
export interface FoundUser extends ShownUser {
  /** Where the typed words stand in each text. */
  stretches: Readonly<Record<"displayName" | "login" | "email" | "employeeNumber", readonly Stretch[]>>;
}

/** Who was found, the best first. */
export interface Found {
  users: FoundUser[];
  /**
   * `none`: these are all. `some`: more fit than are shown. `perhaps`: of so many who have each word not all were looked at for the
   * others; who is shown fits, and a further letter finds the rest. `no_numbers`: nobody was looked for by the number that was typed.
   */
  more: "none" | "some" | "perhaps" | "no_numbers";
}

/** A user who fits, how well (`scoreOf`), and by which word where a list was in its order. */
interface Hit {
  user: UserRow;
  fit: number;
  word: string;
}

/** The order of names in which no letter stands after Z for its accent. */
const names = new Intl.Collator("en");

const compareText = (a: string, b: string) => (a < b ? -1 : Number(a > b));

const compareGoodness = (a: Hit, b: Hit) =>
  a.fit - b.fit || Number(a.user.isDisabled) - Number(b.user.isDisabled);

const compareHits = (a: Hit, b: Hit) =>
  compareGoodness(a, b) || compareText(a.word, b.word) || compareText(a.user.id, b.user.id);

const compareShown = (a: Hit, b: Hit) =>
  compareGoodness(a, b) ||
  names.compare(a.user.displayName, b.user.displayName) ||
  compareText(a.user.id, b.user.id);

class Hits {
  readonly #byUser = new Map<string, Hit>();
  isComplete = true;

  add(hit: Hit): void {
    const known = this.#byUser.get(hit.user.id);
    if (known === undefined || compareHits(hit, known) < 0) this.#byUser.set(hit.user.id, hit);
  }

  get size(): number {
    return this.#byUser.size;
  }

  /** The best `most`, in the order in which they are shown. */
  best(most: number): UserRow[] {
    const hits = [...this.#byUser.values()];
    const best = hits.length > most ? hits.sort(compareHits).slice(0, most) : hits;
    return best.sort(compareShown).map(({ user }) => user);
  }
}

/** How many of a list are looked at one by one: all of fewer than `most`, for then nobody is missed; of a longer one the first. */
const SIFTED = { most: 128, few: 48 };

/** So many words are looked for in the index, the longest; the others are looked for in who was found. */
const SOUGHT = 3;

/** Reads lists in which everybody fits, so far that the best `want` of each are there. */
async function gather(tx: Tx, hits: Hits, lists: readonly KeyList[], want: number): Promise<void> {
  if (lists.length === 0) return;
  for (let most = 2 * want; ; most *= 2) {
    const { users, isShort } = await findInLists(tx, lists, want, most);
    if (isShort) continue;
    for (const user of users) hits.add({ user, fit: user.fit, word: user.word });
    return;
  }
}

/**
 * Looks at who stands in the lists, of `choices` in those of the shortest, and keeps who fits.
 * @returns which lists were looked at: whether all of each was.
 */
async function sift(
  tx: Tx,
  hits: Hits,
  query: Query,
  lists: { always?: readonly KeyList[]; choices?: readonly (readonly KeyList[])[] },
): Promise<ReadonlyMap<KeyList, boolean>> {
  const { looked, users } = await siftLists(tx, { always: [], choices: [], ...lists }, SIFTED, query.terms);
  for (const user of users) {
    const fit = fitQuery(query, decodeWords(user.words));
    if (fit !== undefined) hits.add({ user, fit: scoreOf(fit), word: "" });
  }
  return looked;
}

const areAll = (looked: ReadonlyMap<KeyList, boolean>) => [...looked.values()].every((isAll) => isAll);

async function searchPair(tx: Tx, hits: Hits, query: Query, want: number): Promise<void> {
  const [one, other] = query.terms;
  if (one === undefined || other === undefined || hits.size >= want) return;
  // Left are those with one word in the name and the other in a login or a number.
  if (areAll(await sift(tx, hits, query, { always: [...listsUnpaired(one), ...listsUnpaired(other)] })))
    return;
  hits.isComplete = areAll(await sift(tx, hits, query, { choices: [listsOfTerm(one), listsOfTerm(other)] }));
}

async function searchMany(tx: Tx, hits: Hits, query: Query): Promise<void> {
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
  const alone = [...unpaired.values()].flat();
  const looked = await sift(tx, hits, query, { always: alone, choices: pairs.map(({ lists }) => lists) });
  const isAll = (list: KeyList) => looked.get(list) === true;
  /** Lots of which each holds everybody that fits. */
  const lots = [
    ...sought.filter(({ kind }) => kind === "address").map((term) => unpaired.get(term) ?? []),
    ...pairs.map(({ lists, terms }) => [...lists, ...terms.flatMap((term) => unpaired.get(term) ?? [])]),
  ];
  if (lots.some((lot) => lot.every(isAll))) return;
  if (!alone.every(isAll)) {
    const singles = await sift(tx, hits, query, { choices: words.map(listsOfTerm) });
    if (singles.size > 0 && areAll(singles)) return;
  }
  hits.isComplete = false;
  const [a, b, c] = words;
  if (a === undefined || b === undefined || c === undefined) return;
  await sift(tx, hits, query, {
    always: [...listsOfThree(a, b, c), ...listsOfThree(b, c, a), ...listsOfThree(c, a, b)],
  });
}

/** What a look-up shows of a user. */
export function toShownUser(row: UserRow): ShownUser {
  const { id, login, email, displayName, employeeNumber, title, department, site, isDisabled, access } = row;
  const phones = row.phones.map(({ channel, e164 }) => ({ channel, masked: maskPhone(e164) }));
  return {
    id,
    login,
    email,
    displayName,
    employeeNumber,
    title,
    department,
    site,
    isDisabled,
    phones,
    access,
  };
}

function toFoundUser(row: UserRow, query: Query): FoundUser {
  const stretches = (text: string | null) => (text === null ? [] : findStretches(text, query));
  return {
    ...toShownUser(row),
    stretches: {
      displayName: stretches(row.displayName),
      login: stretches(row.login),
      email: stretches(row.email),
      employeeNumber: stretches(row.employeeNumber),
    },
  };
}

/**
 * Looks users up as somebody types: by name in any script, without regard to case, accents or the order of words, by login,
 * e-mail address, employee number, and by a phone's whole number or exactly its last four digits.
 *
 * Each typed word must be the beginning of a word of its own. Whole words of names come first, then a whole login,
 * address or number, then what names begin with, then all else; enabled users before disabled ones. The same question gives
 * the same order. How long it takes depends neither on the size of the directory nor on how common a word is.
 * @param input `query` as typed, of which 300 characters are read; `limit` 1 to 50, 20 without it.
 * @param admitsNumber asked where the line is a whole number that somebody may have: whether it is looked for.
 * @throws {z.ZodError} where the input is none.
 */
export async function findUsers(
  tx: Tx,
  input: SearchUsersInput,
  admitsNumber: () => Promise<boolean> = async () => true,
): Promise<Found> {
  const { query: typed, limit } = searchUsersSchema.parse(input);
  const { policy } = await getPolicy(tx);
  const query = parseQuery(typed, policy.countries);
  if (isEmpty(query)) return { users: [], more: "none" };
  const want = limit + 1;
  const hits = new Hits();
  const isNumber = query.whole.phones.some((e164) => parseE164(e164) !== undefined);
  const isHeldBack = isNumber && !(await admitsNumber());
  if (query.whole.phones.length > 0 && !isHeldBack)
    for (const user of await listUsersByPhone(tx, query.whole.phones, want))
      hits.add({ user, fit: scoreOf({ by: "whole", partials: 0 }), word: "" });
  const [one, other, third] = query.terms;
  const isPair = one?.kind === "word" && other?.kind === "word" && third === undefined;
  const lists = [
    ...listsOfWhole(query),
    ...(isPair
      ? listsOfPairBestFirst(one, other)
      : one !== undefined && other === undefined
        ? listsOfTerm(one)
        : []),
  ];
  await gather(tx, hits, lists, want);
  if (isPair) await searchPair(tx, hits, query, want);
  else if (other !== undefined) await searchMany(tx, hits, query);
  const users = hits.best(limit).map((row) => toFoundUser(row, query));
  if (isHeldBack && users.length === 0) return { users, more: "no_numbers" };
  return { users, more: hits.size > limit ? "some" : hits.isComplete ? "none" : "perhaps" };
}

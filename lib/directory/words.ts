import { foldKey, foldName, toDigits } from "./fold";

/** Where a word comes from. `address` is a whole login or e-mail address, `phone` the last four digits of one. */
export type WordKind = "name" | "handle" | "number" | "address" | "phone";

/** A word that a user is found by, in all the forms it may be typed in. */
export interface SearchWord {
  readonly kind: WordKind;
  readonly forms: readonly string[];
}

/** What a user is found by. */
export interface Searchable {
  firstName: string;
  lastName: string;
  displayName: string;
  login: string;
  email: string | null;
  employeeNumber: string | null;
  phones: readonly string[];
}

const SIGILS: Readonly<Record<WordKind, string>> = {
  name: "",
  handle: "~",
  number: "#",
  address: "@",
  phone: "*",
};
const KINDS: ReadonlyMap<string, WordKind> = new Map(
  (Object.entries(SIGILS) as [WordKind, string][])
    .filter(([, sigil]) => sigil !== "")
    .map(([kind, sigil]) => [sigil, kind]),
);

/** Of further words so many letters are kept beside a pair. */
const REST_LENGTH_MAX = 160;

/** The head under which words of a kind stand singly; names and handles stand under none. */
export function sigilOf(kind: "number" | "address" | "phone"): string {
  return SIGILS[kind];
}

const DIGIT = /\p{Nd}/u;
const UNSPACED = /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}ー]+$/u;

/** So many words of a name, and of a login, are found in pairs; further ones singly. */
const NAME_PAIRED_MAX = 8;
const HANDLE_PAIRED_MAX = 3;

/** As many of the first letters of a word are kept as the head of a pair. */
export const HEAD_LENGTH_MAX = 3;

function nameWords({ firstName, lastName, displayName }: Searchable): string[][] {
  const words = foldName(displayName);
  const left = words.map(([plain]) => plain);
  for (const part of [...foldName(lastName), ...foldName(firstName)]) {
    const at = left.indexOf(part[0]);
    if (at === -1) words.push(part);
    else left.splice(at, 1);
  }
  if (UNSPACED.test(firstName) && UNSPACED.test(lastName)) {
    const whole = foldName(lastName + firstName);
    if (!words.some(([plain]) => plain === whole[0]?.[0])) words.push(...whole);
  }
  return words;
}

/**
 * The words that a user is found by, those of the name first. A login's or an address's parts are words too, where the name has
 * them not, unless it is but one letter; a part with digits is a number, and its letters before them a word.
 */
export function toSearchWords(user: Searchable): SearchWord[] {
  const names = nameWords(user);
  const known = new Set(names.flat());
  const words: SearchWord[] = names.map((forms, i) => ({
    kind: i < NAME_PAIRED_MAX ? "name" : "handle",
    forms,
  }));
  const add = (kind: WordKind, forms: string[]): void => {
    const fresh = forms.filter(
      (form) => form !== "" && !known.has(kind === "handle" ? form : SIGILS[kind] + form),
    );
    if (fresh.length === 0) return;
    for (const form of fresh) known.add(kind === "handle" ? form : SIGILS[kind] + form);
    words.push({ kind, forms: fresh });
  };
  for (const address of [user.login, user.email]) {
    if (address === null) continue;
    const local = address.includes("@") ? address.slice(0, address.lastIndexOf("@")) : address;
    const parts = foldName(local.replace(/[^\p{L}\p{M}\p{N}]+/gu, " "));
    for (const forms of parts) {
      const letters = forms.map((form) => form.split(DIGIT)[0] as string);
      add("handle", [...new Set(letters.filter((word) => headOf(word, 1) !== word))]);
      if (forms.some((form) => DIGIT.test(form))) add("number", forms);
    }
    add("address", [foldKey(address)]);
  }
  if (user.employeeNumber !== null) {
    const number = foldName(user.employeeNumber)
      .flatMap(([plain]) => plain ?? [])
      .join("");
    add("number", [...new Set([number, number.replace(/^\P{Nd}+/u, "")])]);
  }
  for (const e164 of user.phones) add("phone", [toDigits(e164).slice(-4)]);
  return words;
}

/** Writes words as the texts that the database keeps: a sign for the kind, then the forms. */
export function encodeWords(words: readonly SearchWord[]): string[] {
  return words.map(({ kind, forms }) => SIGILS[kind] + forms.join("|"));
}

/** Reads what `encodeWords` wrote. */
export function decodeWords(texts: readonly string[]): SearchWord[] {
  return texts.map((text) => {
    const kind = KINDS.get(text.charAt(0));
    return kind === undefined
      ? { kind: "name", forms: text.split("|") }
      : { kind, forms: kind === "address" ? [text.slice(1)] : text.slice(1).split("|") };
  });
}

/** A place of the index where users stand in the order of `word`, then `rest`. */
export interface SearchKey {
  /**
   * What the keys of one list share: nothing for single words, a sign for the other kinds, and for pairs the first letters of
   * one of the two, or all of it and a dot.
   */
  readonly head: string;
  /** What is looked for by its beginning. */
  readonly word: string;
  /** What of the pair's other word the head leaves out; where the head is a whole word, the other words of the name. */
  readonly rest: string;
  /** The better the smaller: names before the rest, enabled before disabled. */
  readonly rank: SearchRank;
}

/** 0: by name. 1: by name, disabled. 2: by login, address, number or phone. 3: the same, disabled. */
export type SearchRank = 0 | 1 | 2 | 3;

/** The first `length` letters of a word. */
export function headOf(word: string, length: number): string {
  return word.length <= length ? word : [...word.slice(0, 2 * length)].slice(0, length).join("");
}

/** How many letters a word has, as far as it matters for heads. */
export function headLength(word: string): number {
  return [...word.slice(0, 2 * HEAD_LENGTH_MAX)].slice(0, HEAD_LENGTH_MAX).length;
}

/** The head under which pairs stand by the whole of one word. */
export function wholeHead(word: string): string {
  return `${word}.`;
}

/** How `word` stands in the rest of a pair: a blank before each. */
export function asThird(word: string): string {
  return ` ${word}`;
}

function joinOthers(words: readonly SearchWord[]): string {
  return words
    .flatMap(({ forms }) => forms)
    .map(asThird)
    .join("")
    .slice(0, REST_LENGTH_MAX)
    .replace(/[\ud800-\udbff]$/u, "");
}

/**
 * All keys of a user. Single words answer one typed word. Pairs answer two: whoever has both is found within one stretch of the
 * index, however common each is, since a head is kept for each length up to three letters.
 */
export function toSearchKeys(words: readonly SearchWord[], isDisabled: boolean): SearchKey[] {
  const keys = new Map<string, SearchKey>();
  const add = (head: string, word: string, rest: string, byName: boolean): void => {
    const rank = ((byName ? 0 : 2) + (isDisabled ? 1 : 0)) as SearchRank;
    // Alone a word is looked for both ways; in a pair the better one is enough.
    const id = `${head}\n${word}\n${rest}\n${head === "" && byName}`;
    const known = keys.get(id);
    if (known === undefined || known.rank > rank) keys.set(id, { head, word, rest, rank });
  };
  for (const { kind, forms } of words) {
    const head = kind === "name" || kind === "handle" ? "" : SIGILS[kind];
    for (const form of forms) add(head, form, "", kind === "name");
  }
  const paired = [
    words.filter(({ kind }) => kind === "name"),
    words.filter(({ kind }) => kind === "handle").slice(0, HANDLE_PAIRED_MAX),
  ];
  for (const group of paired)
    for (const first of group)
      for (const second of group) {
        if (first === second) continue;
        const others = group.filter((word) => word !== first && word !== second);
        const rest = joinOthers(others);
        for (const word of second.forms)
          for (const form of first.forms) {
            const byName = first.kind === "name";
            for (let length = 1; length <= headLength(form); length += 1) {
              const head = headOf(form, length);
              add(head, word, length === HEAD_LENGTH_MAX ? form.slice(head.length) : "", byName);
            }
            add(wholeHead(form), word, rest, byName);
          }
      }
  return [...keys.values()];
}

import type { CountryCode } from "libphonenumber-js/max";
import { foldKey, foldQuery, foldWord, NOT_ASCII, toDigits } from "./fold";
import { parseE164 } from "./phone";
import type { SearchWord } from "./words";

/** One of the words that were typed, each of which must be the beginning of a word of its own. */
export interface Term {
  readonly kind: "word" | "address";
  readonly text: string;
}

/** What was typed into the search box. */
export interface Query {
  readonly terms: readonly Term[];
  /** Other readings of the whole line; a user who fits one of them fits. */
  readonly whole: {
    /** A login or an address; with punctuation in it also the beginning of one. */
    readonly address: string | null;
    /** An employee number or a login with digits that was typed in parts; without a digit the whole of it, in one. */
    readonly number: string | null;
    /** Whole phone numbers, E.164. */
    readonly phones: readonly string[];
  };
}

/** How well a user fits. */
export interface Fit {
  /** `name`: all words are the name's. `whole`: the line is a login, an address or a number. `other`: one was needed besides. */
  by: "name" | "whole" | "other";
  /** How many of the words are only the beginning of what was found. */
  partials: number;
}

const PHONE_SHAPE = /^[+(]?[\p{Nd}\s()./\-‐-―]+$/u;
const PHONE_DIGITS_MIN = 7;
const PHONE_DIGITS_MAX = 17;
const COUNTRIES_MAX = 12;
const PUNCTUATED = /[^\p{L}\p{M}\p{N}]/u;
const DIGIT = /[0-9]/;

/** Whether there is more than letters and digits in `text`. */
function isPunctuated(text: string): boolean {
  return PUNCTUATED.test(text);
}

/** Whether numbers are meant too: words without a digit leave them alone. */
export function hasDigit(text: string): boolean {
  return DIGIT.test(text);
}

/** Whether `text` may be the last four digits of a phone: exactly four, for fewer or others would reveal masked numbers digit by digit. */
export function isLastFour(text: string): boolean {
  return /^[0-9]{4}$/.test(text);
}

function toPhones(line: string, countries: readonly string[]): string[] {
  const text = line.normalize("NFKC").trim();
  if (!PHONE_SHAPE.test(text)) return [];
  const digits = toDigits(text);
  if (digits.length < PHONE_DIGITS_MIN || digits.length > PHONE_DIGITS_MAX) return [];
  if (text.startsWith("+")) return [`+${digits}`];
  if (digits.startsWith("00")) return [`+${digits.slice(2)}`];
  const national = countries
    .slice(0, COUNTRIES_MAX)
    .map((country) => parseE164(digits, country as CountryCode))
    .filter((e164) => e164 !== undefined);
  return [...new Set([`+${digits}`, ...national])];
}

/** Takes off what a name is pasted in: `<`, `mailto:` and `,` of a mail program, a domain before `\`. */
function unwrap(chunk: string): string {
  return chunk
    .slice(chunk.lastIndexOf("\\") + 1)
    .replace(/^[<("'“„]+/u, "")
    .replace(/^mailto:/iu, "")
    .replace(/[>)"'”“,;]+$/u, "");
}

/**
 * Reads what was typed. Never fails: a line without a letter or a digit has no terms and no other reading, and finds nobody.
 * @param countries ISO 3166 alpha-2, whose national way of writing numbers may be meant; the first 12 are tried.
 */
export function parseQuery(typed: string, countries: readonly string[]): Query {
  const line = typed.replace(/\p{Cf}/gu, "");
  const phones = toPhones(line, countries);
  const chunks = line
    .split(/\s+/u)
    .map(unwrap)
    .filter((chunk) => chunk !== "");
  const terms: Term[] =
    phones.length > 0 && chunks.length > 1
      ? []
      : chunks.flatMap((chunk): Term[] =>
          chunk.includes("@") && foldQuery(chunk).length > 0
            ? [{ kind: "address", text: foldKey(chunk) }]
            : foldQuery(chunk).map((text) => ({ kind: "word", text })),
        );
  const [only] = chunks.length === 1 ? chunks : [];
  const joined = only === undefined ? "" : terms.map(({ text }) => text).join("");
  return {
    terms,
    whole: {
      address: only !== undefined && terms[0]?.kind === "word" ? foldKey(only) : null,
      number: terms[0]?.kind === "word" && terms.length > 1 === hasDigit(joined) ? joined : null,
      phones,
    },
  };
}

/** Whether the query can find anybody at all. */
export function isEmpty(query: Query): boolean {
  return query.terms.length === 0 && query.whole.phones.length === 0;
}

function fitOne(term: Term, word: SearchWord): "whole" | "prefix" | "none" {
  const { kind, text } = term;
  if ((kind === "address") !== (word.kind === "address")) return "none";
  if (word.kind === "phone") return isLastFour(text) && word.forms[0] === text ? "whole" : "none";
  if (word.kind === "number" && !hasDigit(text)) return "none";
  if (word.forms.includes(text)) return "whole";
  return word.forms.some((form) => form.startsWith(text)) ? "prefix" : "none";
}

/** Gives each term a word of its own, whole words first; answers how many words are only begun, or undefined where a term goes without. */
function countPartials(terms: readonly Term[], words: readonly SearchWord[]): number | undefined {
  if (terms.length === 0 || terms.length > words.length) return undefined;
  const fits = terms.map((term) => words.map((word) => fitOne(term, word)));
  const termOf: (number | undefined)[] = words.map(() => undefined);
  type Allowed = (fit: string | undefined) => boolean;
  const place = (term: number, isAllowed: Allowed, tried: Set<number>): boolean => {
    const open = words.flatMap((_, w) => (isAllowed(fits[term]?.[w]) && !tried.has(w) ? [w] : []));
    const free = open.find((w) => termOf[w] === undefined);
    const taken = open.find((w) => {
      if (free !== undefined || tried.has(w)) return false;
      tried.add(w);
      return place(termOf[w] as number, isAllowed, tried);
    });
    const at = free ?? taken;
    if (at === undefined) return false;
    termOf[at] = term;
    return true;
  };
  const missing = terms.map((_, t) => t).filter((t) => !place(t, (fit) => fit === "whole", new Set()));
  if (!missing.every((t) => place(t, (fit) => fit !== "none", new Set()))) return undefined;
  return words.filter((_, w) => fits[termOf[w] ?? -1]?.[w] === "prefix").length;
}

function fitTerms(terms: readonly Term[], words: readonly SearchWord[]): Fit | undefined {
  if (!terms.every((term) => words.some((word) => fitOne(term, word) !== "none"))) return undefined;
  const byName = countPartials(
    terms,
    words.filter(({ kind }) => kind === "name"),
  );
  if (byName !== undefined) return { by: "name", partials: byName };
  const byAny = countPartials(terms, words);
  if (byAny === undefined) return undefined;
  const isWhole = terms.length === 1 && isWholeLine(terms[0] as Term, words);
  return { by: isWhole ? "whole" : "other", partials: byAny };
}

function isWholeLine({ text }: Term, words: readonly SearchWord[]): boolean {
  return words.some(({ kind, forms }) => (kind === "address" || kind === "number") && forms.includes(text));
}

function fitWhole({ address, number }: Query["whole"], words: readonly SearchWord[]): Fit | undefined {
  const partials = [
    countBeginning(address, "address", words),
    countBeginning(number, "number", words),
  ].filter((count) => count !== undefined);
  if (partials.length === 0) return undefined;
  return Math.min(...partials) === 0 ? { by: "whole", partials: 0 } : { by: "other", partials: 1 };
}

/** Whether a reading of the whole line may be but the beginning of a number or an address. */
export function isBegun(kind: "number" | "address", text: string): boolean {
  return kind === "number" ? hasDigit(text) : isPunctuated(text);
}

function countBeginning(text: string | null, kind: "number" | "address", words: readonly SearchWord[]) {
  if (text === null) return undefined;
  const forms = words.filter((word) => word.kind === kind).flatMap((word) => word.forms);
  if (forms.includes(text)) return 0;
  return isBegun(kind, text) && forms.some((form) => form.startsWith(text)) ? 1 : undefined;
}

function gradeOf({ by, partials }: Fit): number {
  if (by === "name") return partials === 0 ? 0 : 2;
  return by === "whole" ? 1 : 3;
}

/** More than the words that a line has. */
const WORDS_BELOW = 1_000;

/**
 * A fit as a number, the better the smaller: whole words of the name, then a whole login, address or number, then beginnings in
 * the name, then everything else; among these, fewer words that are only begun.
 */
export function scoreOf(fit: Fit): number {
  return gradeOf(fit) * WORDS_BELOW + fit.partials;
}

/** Says how well a user with `words` fits `query`, phone numbers apart; undefined: not at all. */
export function fitQuery(query: Query, words: readonly SearchWord[]): Fit | undefined {
  const fits = [fitTerms(query.terms, words), fitWhole(query.whole, words)];
  return fits.filter((fit) => fit !== undefined).sort((a, b) => scoreOf(a) - scoreOf(b))[0];
}

/** A stretch of a text, in UTF-16 units, the end excluded. */
export type Stretch = readonly [start: number, end: number];

const INSIDE = /[\p{L}\p{M}\p{N}\p{Cf}'’‘ʼ`´\-‐.]/u;

const ASCII = 0x80;

/** What has one form alone: no letter in it is spelled long (`ae`, `oe`, `ue`, `aa`). */
const ONE_FORM = /^(?:(?![aou]e|aa)[a-z0-9])+$/;

function endOfMatch(text: string, start: number, term: string): number | undefined {
  if (text.charCodeAt(start) < ASCII) {
    const piece = text.slice(start, start + term.length).toLowerCase();
    if (piece[0] !== term[0]) return undefined;
    if (piece !== term && ONE_FORM.test(piece)) return undefined;
    if (piece === term && !(text.charCodeAt(start + term.length) >= ASCII)) return start + term.length;
  }
  for (let end = start + 1; end <= text.length; end += 1) {
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last < 0xdc00) continue;
    const piece = text.slice(start, end);
    if (!INSIDE.test([...piece].at(-1) as string)) return undefined;
    const forms = foldWord(piece);
    if (forms.some((form) => form.startsWith(term))) {
      const marks = /^[\p{M}\p{Cf}]+/u.exec(text.slice(end));
      return end + (marks?.[0].length ?? 0);
    }
    if (forms.every((form) => !term.startsWith(form))) return undefined;
  }
  return undefined;
}

const WORD_START = /(?<![\p{L}\p{M}\p{N}])[\p{L}\p{N}]|(?<=\P{N})\p{N}/gu;

/** Where in `text` a word starts, or a number within one, that may begin as `term` does. */
function listStarts(text: string, term: string): number[] {
  if (NOT_ASCII.test(text)) return [...text.matchAll(WORD_START)].map(({ index }) => index);
  const starts: number[] = [];
  const lower = text.toLowerCase();
  const [first = ""] = term;
  for (let at = lower.indexOf(first); at !== -1; at = lower.indexOf(first, at + 1)) {
    const before = lower[at - 1] ?? " ";
    if (!/[a-z0-9]/.test(before) || (hasDigit(first) && !hasDigit(before))) starts.push(at);
  }
  return starts;
}

/** So many of the typed words are looked for, to make them bold. */
const MARKED_MAX = 16;

/** Where in `text`, as the directory has it, the typed words stand: what the screen makes bold. In order, none touching another. */
export function findStretches(text: string, query: Query): Stretch[] {
  const found: Stretch[] = [];
  const whole = query.whole.address;
  const terms = [
    ...query.terms,
    ...(whole === null || !isPunctuated(whole) ? [] : [{ kind: "address" as const, text: whole }]),
  ];
  const once = new Map(terms.map((term) => [`${term.kind} ${term.text}`, term]));
  for (const { kind, text: term } of [...once.values()].slice(0, MARKED_MAX)) {
    if (kind === "address") {
      if (foldKey(text).startsWith(term)) found.push([0, Math.min(term.length, text.length)]);
      continue;
    }
    for (const start of listStarts(text, term)) {
      const end = endOfMatch(text, start, term);
      if (end !== undefined) found.push([start, end]);
    }
  }
  return found
    .sort((a, b) => a[0] - b[0] || b[1] - a[1])
    .reduce<[number, number][]>((merged, [start, end]) => {
      const last = merged.at(-1);
      if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
      else merged.push([start, end]);
      return merged;
    }, []);
}

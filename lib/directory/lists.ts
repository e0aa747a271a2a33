import { type Fit, hasDigit, isLastFour, isPunctuated, type Query, type Term } from "./query";
import { asThird, HEAD_LENGTH_MAX, headLength, headOf, type SearchRank, sigilOf, wholeHead } from "./words";

/** A stretch of the look-up's index, in which users stand in the order of the word they were found by. */
export interface KeyList {
  readonly head: string;
  readonly rank: SearchRank;
  /** The first word, and the one that stands behind the last. */
  readonly words: readonly [from: string, below: string];
  readonly rests: readonly [from: string, below: string];
  /** What stands in the rest besides; undefined: anything. */
  readonly third?: string;
  /** How well a user fits who stands here by `word`. */
  readonly fitOf: (word: string) => Fit;
}

/** Stands behind every letter. */
const LAST = "\u{10ffff}";
const ALL = ["", LAST] as const;

const byName = [0, 1] as const;
const byHandle = [2, 3] as const;

const beginningWith = (text: string) => [text, text + LAST] as const;
const exactly = (text: string) => [text, `${text}\u0001`] as const;

type Stretch = Pick<KeyList, "head" | "words"> & Partial<Pick<KeyList, "rests" | "third">>;

function toLists(ranks: readonly SearchRank[], stretch: Stretch, fitOf: KeyList["fitOf"]): KeyList[] {
  return ranks.map((rank) => ({ rests: ALL, ...stretch, rank, fitOf }));
}

const unlessWhole = (text: string) => (word: string) => (word === text ? 0 : 1);

const other = (text: string): KeyList["fitOf"] => {
  const partials = unlessWhole(text);
  return (word) => ({ by: "other", partials: partials(word) });
};

/** As `other`, but the whole of it is all that one is asked for. */
const whole =
  (text: string): KeyList["fitOf"] =>
  (word) =>
    word === text ? { by: "whole", partials: 0 } : { by: "other", partials: 1 };

/** Where everybody stands who fits `term` by something that is not the word of a pair of names. */
export function listsUnpaired({ kind, text }: Term): KeyList[] {
  const words = beginningWith(text);
  if (kind === "address") return toLists(byHandle, { head: sigilOf("address"), words }, whole(text));
  return [
    ...toLists(byHandle, { head: "", words }, other(text)),
    ...(hasDigit(text) ? toLists(byHandle, { head: sigilOf("number"), words }, whole(text)) : []),
    ...(isLastFour(text)
      ? toLists(byHandle, { head: sigilOf("phone"), words: exactly(text) }, other(text))
      : []),
  ];
}

/** Where everybody stands who fits `term`. */
export function listsOfTerm(term: Term): KeyList[] {
  const partials = unlessWhole(term.text);
  const names =
    term.kind === "address"
      ? []
      : toLists(byName, { head: "", words: beginningWith(term.text) }, (word) => ({
          by: "name",
          partials: partials(word),
        }));
  return [...names, ...listsUnpaired(term)];
}

/** Where everybody stands who fits another reading of the whole line, phone numbers apart. */
export function listsOfWhole({ whole: { address, number } }: Query): KeyList[] {
  const toList = (kind: "address" | "number", text: string, words: KeyList["words"]) =>
    toLists(byHandle, { head: sigilOf(kind), words }, whole(text));
  return [
    ...(address === null
      ? []
      : toList("address", address, isPunctuated(address) ? beginningWith(address) : exactly(address))),
    ...(number === null ? [] : toList("number", number, beginningWith(number))),
  ];
}

function pairs(stretch: Stretch, partials: (word: string) => number): KeyList[] {
  return [
    ...toLists(byName, stretch, (word) => ({ by: "name", partials: partials(word) })),
    ...toLists(byHandle, stretch, (word) => ({ by: "other", partials: partials(word) })),
  ];
}

const inOrder = (one: Term, other: Term) =>
  one.text.length <= other.text.length
    ? ([one.text, other.text] as const)
    : ([other.text, one.text] as const);

/**
 * Where everybody stands who has both words as a pair, and nobody else. The head is of the shorter word, since of more than three
 * letters the rest has to be sifted.
 */
export function listsOfPair(one: Term, other: Term): KeyList[] {
  const [short, long] = inOrder(one, other);
  const head = headOf(short, HEAD_LENGTH_MAX);
  const rest = headLength(short) === HEAD_LENGTH_MAX ? short.slice(head.length) : "";
  const rests = rest === "" ? ALL : beginningWith(rest);
  return pairs({ head, words: beginningWith(long), rests }, (word) => 1 + unlessWhole(long)(word));
}

/** As `listsOfPair`, after those among them who have one of the words whole. */
export function listsOfPairBestFirst(one: Term, other: Term): KeyList[] {
  const [short, long] = inOrder(one, other);
  return [
    ...pairs({ head: wholeHead(short), words: beginningWith(long) }, unlessWhole(long)),
    ...pairs({ head: wholeHead(long), words: beginningWith(short) }, unlessWhole(short)),
    ...listsOfPair(one, other),
  ];
}

/** Where those stand who have `whole` whole, and the other two as words of a name of three or more: each has to be looked at. */
export function listsOfThree(whole: Term, other: Term, third: Term): KeyList[] {
  const stretch = {
    head: wholeHead(whole.text),
    words: beginningWith(other.text),
    third: asThird(third.text),
  };
  return pairs(stretch, unlessWhole(other.text)).slice(0, byName.length);
}

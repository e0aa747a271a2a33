import { type Fit, hasDigit, isBegun, isLastFour, type Query, type Term } from "./query";
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
  /** How well a user fits who stands here: by just this text, and by another that begins as it does. */
  readonly fits: { readonly text: string; readonly whole: Fit; readonly begun: Fit };
}

/** Stands behind every letter. */
const LAST = "\u{10ffff}";
const ALL = ["", LAST] as const;

const byName = [0, 1] as const;
const byHandle = [2, 3] as const;

const beginningWith = (text: string) => [text, text + LAST] as const;
const exactly = (text: string) => [text, `${text}\u0001`] as const;

type Stretch = Pick<KeyList, "head" | "words"> & Partial<Pick<KeyList, "rests" | "third">>;

function toLists(ranks: readonly SearchRank[], stretch: Stretch, fits: KeyList["fits"]): KeyList[] {
  return ranks.map((rank) => ({ rests: ALL, ...stretch, rank, fits }));
}

const fitsBy = (by: Fit["by"], text: string, partials = 0): KeyList["fits"] => ({
  text,
  whole: { by, partials },
  begun: { by, partials: partials + 1 },
});

/** As `fitsBy("other", text)`, but the whole of it is all that one is asked for. */
const fitsAlone = (text: string): KeyList["fits"] => ({
  ...fitsBy("other", text),
  whole: { by: "whole", partials: 0 },
});

/** Where everybody stands who fits `term` by something that is not the word of a pair of names. */
export function listsUnpaired({ kind, text }: Term): KeyList[] {
  const words = beginningWith(text);
  if (kind === "address") return toLists(byHandle, { head: sigilOf("address"), words }, fitsAlone(text));
  return [
    ...toLists(byHandle, { head: "", words }, fitsBy("other", text)),
    ...(hasDigit(text) ? toLists(byHandle, { head: sigilOf("number"), words }, fitsAlone(text)) : []),
    ...(isLastFour(text)
      ? toLists(byHandle, { head: sigilOf("phone"), words: exactly(text) }, fitsBy("other", text))
      : []),
  ];
}

/** Where everybody stands who fits `term`. */
export function listsOfTerm(term: Term): KeyList[] {
  const stretch = { head: "", words: beginningWith(term.text) };
  const names = term.kind === "address" ? [] : toLists(byName, stretch, fitsBy("name", term.text));
  return [...names, ...listsUnpaired(term)];
}

/** Where everybody stands who fits another reading of the whole line, phone numbers apart. */
export function listsOfWhole({ whole: { address, number } }: Query): KeyList[] {
  const toList = (kind: "address" | "number", text: string | null) => {
    if (text === null) return [];
    const words = isBegun(kind, text) ? beginningWith(text) : exactly(text);
    return toLists(byHandle, { head: sigilOf(kind), words }, fitsAlone(text));
  };
  return [...toList("address", address), ...toList("number", number)];
}

/** @param partials how many of the two words are only begun where `text` is whole. */
function pairs(stretch: Stretch, text: string, partials: number): KeyList[] {
  return [
    ...toLists(byName, stretch, fitsBy("name", text, partials)),
    ...toLists(byHandle, stretch, fitsBy("other", text, partials)),
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
  return pairs({ head, words: beginningWith(long), rests }, long, 1);
}

/** As `listsOfPair`, after those among them who have one of the words whole. */
export function listsOfPairBestFirst(one: Term, other: Term): KeyList[] {
  const [short, long] = inOrder(one, other);
  return [
    ...pairs({ head: wholeHead(short), words: beginningWith(long) }, long, 0),
    ...pairs({ head: wholeHead(long), words: beginningWith(short) }, short, 0),
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
  return toLists(byName, stretch, fitsBy("name", other.text));
}

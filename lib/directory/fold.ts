/** Characters that only steer how text is drawn (direction marks, joiners, soft hyphens). */
const INVISIBLE = /\p{Cf}/gu;

const APOSTROPHES = /['’‘ʼʻʹʽ`´′＇׳״]/gu;

/** Accents and points of alphabets that are read without them. Vowel signs of Indic scripts and Japanese voicing stay. */
const ACCENTS =
  /(?![\u3099\u309a])(?=[\p{Mn}\p{Me}])[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Me}]/gu;

const LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ß: "ss",
    æ: "ae",
    œ: "oe",
    ø: "o",
    ł: "l",
    đ: "d",
    ð: "d",
    ħ: "h",
    ŋ: "n",
    ŧ: "t",
    þ: "th",
    ı: "i",
    ĸ: "k",
    ς: "σ",
    ך: "כ",
    ם: "מ",
    ן: "נ",
    ף: "פ",
    ץ: "צ",
    ى: "ي",
    ی: "ي",
    ک: "ك",
    ة: "ه",
    ٱ: "ا",
    ـ: "",
  }),
);
const LETTER = new RegExp(`[${[...LETTERS.keys()].join("")}]`, "gu");

/** How German and the Scandinavian languages write these letters where the keyboard lacks them. */
const LONG: ReadonlyMap<string, string> = new Map(
  Object.entries({ ä: "ae", ö: "oe", ü: "ue", å: "aa", æ: "ae", ø: "oe", œ: "oe" }),
);
const LONG_LETTER = /[äöüåæøœ]/gu;
const LONG_SPELLING = /ae|oe|ue|aa/gu;

const ZEROS = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50,
];
const FOREIGN_DIGIT = /(?![0-9])\p{Nd}/gu;
const KATAKANA = /[\u30a1-\u30f6]/gu;
/** Finds what ASCII doesn't have. */
export const NOT_ASCII = /[^\0-\x7f]/;
const ONE_PART = /[\p{L}\p{M}\p{N}]+/gu;

/** The longest word that is told apart, in UTF-16 units: longer ones are the same if so much of them is. */
export const WORD_LENGTH_MAX = 96;

function toAsciiDigit(digit: string): string {
  const point = digit.codePointAt(0) as number;
  const zero = ZEROS.find((z) => point >= z && point <= z + 9);
  return zero === undefined ? digit : String(point - zero);
}

/** The decimal digits of `text`, of any script, as ASCII. */
export function toDigits(text: string): string {
  return text
    .normalize("NFKC")
    .replace(FOREIGN_DIGIT, toAsciiDigit)
    .replace(/[^0-9]/gu, "");
}

function toPlain(lower: string): string {
  if (!NOT_ASCII.test(lower)) return lower;
  return lower
    .normalize("NFKD")
    .replace(ACCENTS, "")
    .replace(LETTER, (letter) => LETTERS.get(letter) ?? letter)
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60))
    .replace(FOREIGN_DIGIT, toAsciiDigit);
}

function cut(word: string): string {
  if (word.length <= WORD_LENGTH_MAX) return word;
  const head = word.slice(0, WORD_LENGTH_MAX);
  return /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
}

function toLower(text: string): string {
  return text.normalize("NFKC").replaceAll("İ", "i").toLowerCase();
}

/**
 * Folds a login name or an e-mail address to what it is compared by: compatibility forms, case and the Turkish i, never accents,
 * for `josé` and `jose` may be two people. Never fails: what no name holds (NUL, half a surrogate) becomes U+FFFD, and so matches nobody.
 */
export function foldKey(name: string): string {
  return toLower(name.replace(INVISIBLE, ""))
    .replaceAll("ı", "i")
    .normalize("NFKC")
    .replace(/[\0\p{Cs}]/gu, "\ufffd")
    .trim();
}

/**
 * Folds one word that somebody typed into the one form to look for: no case, no accents, full-width and half-width alike.
 * A letter with a second spelling (`ü`, also written `ue`) becomes its short one, which `foldName` has of both.
 */
function foldTyped(word: string): string {
  const lower = toLower(word);
  const special = lower.replace(LONG_LETTER, (letter) => LONG.get(letter) ?? letter);
  const form =
    special === lower
      ? toPlain(lower)
      : toPlain(special).replace(LONG_SPELLING, (spelling) => spelling.charAt(0));
  return cut(form);
}

function toForms(part: string): string[] {
  const lower = toLower(part);
  if (!NOT_ASCII.test(lower)) {
    const word = cut(lower);
    const short = cut(lower.replace(LONG_SPELLING, (spelling) => spelling.charAt(0)));
    return word === "" ? [] : short === word ? [word] : [word, short];
  }
  const long = toPlain(lower.replace(LONG_LETTER, (letter) => LONG.get(letter) ?? letter));
  const forms = [
    toPlain(lower),
    long,
    toPlain(lower.replace(LONG_LETTER, (letter) => (letter === "å" ? letter : (LONG.get(letter) ?? letter)))),
    long.replace(LONG_SPELLING, (spelling) => spelling.charAt(0)),
  ];
  return [...new Set(forms.map(cut))].filter((form) => form !== "");
}

function toChunks(text: string): string[] {
  return text
    .replace(INVISIBLE, "")
    .split(/\s+/u)
    .filter((chunk) => chunk !== "");
}

/**
 * Folds what stands in the directory into its words in order, each with all the forms it may be typed in: `Müller` is
 * `muller` and `mueller`, `Mueller` likewise. A word of several parts (`Anne-Marie`, `O'Brien`) gives each part, the first
 * also the whole without its hyphen. Text without a letter or a digit has no words.
 */
export function foldName(text: string): string[][] {
  return toChunks(text).flatMap((chunk) => {
    const parts = chunk.replace(APOSTROPHES, "-").normalize("NFKC").match(ONE_PART) ?? [];
    return parts
      .map((part, i) => [
        ...new Set([...toForms(part), ...(i === 0 && parts.length > 1 ? toForms(parts.join("")) : [])]),
      ])
      .filter((forms) => forms.length > 0);
  });
}

/** Folds a piece of a name, hyphens and apostrophes left out, into all the forms it may be typed in. */
export function foldWord(piece: string): string[] {
  return toForms(
    (piece.replace(INVISIBLE, "").replace(APOSTROPHES, "").normalize("NFKC").match(ONE_PART) ?? []).join(""),
  );
}

/** Folds what was typed into a search box into words, each of which is to be the beginning of a form that `foldName` gives. */
export function foldQuery(text: string): string[] {
  return toChunks(text).flatMap((chunk) =>
    (chunk.replace(APOSTROPHES, "").normalize("NFKC").match(ONE_PART) ?? [])
      .map(foldTyped)
      .filter((word) => word !== ""),
  );
}

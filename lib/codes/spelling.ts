import { alphabet } from "./format";

/** The languages in which staff read a code aloud. */
export type SpellingLocale = "en" | "de";

/**
 * Gives the word that is said for one symbol of a shown code, in the spelling alphabet of a language.
 *
 * @param symbol One symbol as it is shown: a digit, or an upper-case letter of the code's alphabet.
 * @param locale `en`: ICAO and NATO words; `de`: DIN 5009:2022, with "Zwo" for 2, which can't be heard as "Drei".
 * @throws RangeError when `symbol` is none.
 * @see product, "How it must feel"
 */
export function spellSymbol(symbol: string, locale: SpellingLocale): string {
  const word = words[locale].get(symbol);
  if (word === undefined) throw new RangeError("Not a symbol of a code");
  return word;
}

/**
 * Splits a shown code, of any form, into its groups of four symbols.
 *
 * @param code What `formatStandard`, `formatDecimal` or `formatShort` gave.
 * @returns The groups in order; joined they are the code without hyphens or spaces.
 * @see access-code, "The standard code"
 */
export function groupsOf(code: string): string[] {
  return code.split(/[- ]/);
}

const english = `
  Zero One Two Three Four Five Six Seven Eight Nine Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel Juliett Kilo
  Mike November Papa Quebec Romeo Sierra Tango Victor Whiskey X-ray Yankee Zulu`;

const german = `
  Null Eins Zwo Drei Vier Fünf Sechs Sieben Acht Neun Aachen Berlin Chemnitz Düsseldorf Essen Frankfurt Goslar Hamburg
  Jena Köln München Nürnberg Potsdam Quickborn Rostock Salzwedel Tübingen Völklingen Wuppertal Xanten Ypsilon Zwickau`;

const words = { en: bySymbol(english), de: bySymbol(german) } satisfies Record<SpellingLocale, unknown>;

function bySymbol(list: string): ReadonlyMap<string, string> {
  const inOrder = list.trim().split(/\s+/);
  return new Map(inOrder.map((word, value) => [alphabet.charAt(value), word]));
}

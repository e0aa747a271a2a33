import { createTranslator } from "use-intl/core";
import de from "./messages/de.json";
import en from "./messages/en.json";
import type { Why } from "./why";

const catalogues = { en, de };

/** The languages in which reasons are said. */
export type WhyLanguage = keyof typeof catalogues;

type Say = (reason: string, values: Record<string, string | number>) => string;
const sayers = new Map<WhyLanguage, Say>();

function sayer(language: WhyLanguage): Say {
  let say = sayers.get(language);
  if (say === undefined) {
    say = createTranslator({
      locale: language,
      messages: catalogues[language] as Record<string, string>,
      timeZone: "UTC",
      onError: (error) => {
        throw error;
      },
    }) as Say;
    sayers.set(language, say);
  }
  return say;
}

/** Says why something isn't taken, as a part of a sentence: without a capital letter or a full stop, with a source's own words in brackets. */
export function sayWhy(language: WhyLanguage, { reason, ...values }: Why): string {
  const said = sayer(language)(reason, values);
  return "detail" in values && values.detail !== "" ? `${said} (${values.detail})` : said;
}

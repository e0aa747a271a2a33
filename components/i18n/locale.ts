/** The languages of the console. */
export const consoleLocales = ["en", "de"] as const;
export type ConsoleLocale = (typeof consoleLocales)[number];

/** Every language that some page speaks: the user's page speaks more than the console. */
export const documentLocales = ["en", "de", "es", "fr", "ja", "ar"] as const;

/** The cookies that hold a reader's own choices; each is readable by script and holds nothing personal. */
export const readerCookies = {
  locale: "sparekey-language",
  timeZone: "sparekey-zone",
  theme: "sparekey-theme",
  keys: "sparekey-keys",
} as const;

/** The languages that an Accept-Language header names, most wanted first. Never throws, whatever the header holds. */
export function parseAcceptLanguage(header: string | null | undefined): string[] {
  return (header ?? "")
    .slice(0, 500)
    .split(",")
    .map((part, position) => {
      const [tag = "", ...parameters] = part.trim().split(";");
      const quality = parameters.map((p) => /^\s*q=([\d.]+)\s*$/.exec(p)?.[1]).find((q) => q !== undefined);
      return { tag: tag.trim(), quality: quality === undefined ? 1 : Number(quality), position };
    })
    .filter(({ tag, quality }) => /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(tag) && quality > 0)
    .sort((a, b) => b.quality - a.quality || a.position - b.position)
    .map(({ tag }) => tag);
}

/**
 * Picks the language to speak.
 * @param offered the languages there are; the first is spoken where none is wanted.
 * @param wanted language tags, most wanted first; a region is ignored ("de-AT" is served by "de").
 */
export function pickLocale<const Locale extends string>(
  offered: readonly [Locale, ...Locale[]],
  wanted: readonly (string | null | undefined)[],
): Locale {
  for (const tag of wanted) {
    const language = tag?.toLowerCase().split("-")[0];
    const found = offered.find((locale) => locale === language);
    if (found !== undefined) return found;
  }
  return offered[0];
}

/**
 * Picks the regional form in which dates and numbers are written: the first wanted tag of that language, or the language's own.
 * English without a region is written as in Britain, day before month.
 */
export function pickFormatLocale(locale: string, wanted: readonly string[]): string {
  const regional = wanted.find((tag) => tag.toLowerCase().startsWith(`${locale}-`));
  if (regional !== undefined && Intl.DateTimeFormat.supportedLocalesOf(regional).length > 0) return regional;
  return locale === "en" ? "en-GB" : locale;
}

/** Whether `zone` is a time zone that can be calculated with. */
export function isTimeZone(zone: string | null | undefined): zone is string {
  if (!zone || zone.length > 64) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

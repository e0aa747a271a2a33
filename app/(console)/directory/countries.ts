import { getCountries } from "libphonenumber-js/max";

/** The countries that numbers are written in the way of, by their names in the reader's language: `[code, name]`. */
export function listCountries(locale: string): (readonly [string, string])[] {
  const names = new Intl.DisplayNames(locale, { type: "region" });
  return getCountries()
    .map((code) => [code, `${names.of(code) ?? code} (${code})`] as const)
    .sort(([, a], [, b]) => a.localeCompare(b, locale));
}

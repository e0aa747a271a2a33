import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  type NumberType,
  parsePhoneNumberFromString,
} from "libphonenumber-js/max";

/** A valid phone number. */
export type Phone = {
  /** `+` and up to 15 digits. */
  e164: string;
  /** ISO 3166-1 alpha-2; undefined for numbers that no country has, such as +800. */
  country: CountryCode | undefined;
  /** What kind it is, where the numbering plan tells: `MOBILE`, `FIXED_LINE`, `PREMIUM_RATE`, `VOIP` and others. */
  type: NumberType;
};

/**
 * Reads a phone number as people and directories write it.
 *
 * @param country whose national way of writing is meant where there is no `+`
 * @returns undefined unless it's a number that the numbering plan allows
 */
export function parsePhone(text: string, country?: CountryCode): Phone | undefined {
  const number = parsePhoneNumberFromString(text, country);
  if (!number?.isValid() || number.ext) return undefined;
  return { e164: number.number, country: number.country, type: number.getType() };
}

/**
 * Reads a phone number and answers its E.164 form, `+` and digits.
 *
 * @param country whose national way of writing is meant where there is no `+`
 * @returns undefined unless it's a number that the numbering plan allows
 */
export function parseE164(text: string, country?: CountryCode): string | undefined {
  return parsePhone(text, country)?.e164;
}

/**
 * Groups the digits of a phone number for reading, as its country does: `+1 202 555 0101`.
 *
 * What can't be read stays as it is.
 */
export function groupPhone(e164: string): string {
  return parsePhoneNumberFromString(e164)?.formatInternational() ?? e164;
}

/** Those of countries, and those that belong to none (ITU-T E.164, "global services" and "networks"). */
const callingCodes: ReadonlySet<string> = new Set([
  ...getCountries().map((country) => getCountryCallingCode(country)),
  ..."800 808 870 878 881 882 883 888 979".split(" "),
]);

/**
 * Masks a phone number for those who need to recognise it but may not see it: `+1 ••• ••• 0101`.
 *
 * Shows the country's code and the last four digits (two of a short number), and the same dots whatever the length.
 * What can't be read is nothing but dots.
 */
export function maskPhone(e164: string): string {
  const digits = /^\+([1-9][0-9]{6,14})$/.exec(e164)?.[1] ?? "";
  const length = [1, 2, 3].find((count) => callingCodes.has(digits.slice(0, count)));
  if (length === undefined) return "••• •••";
  const shown = digits.length - length >= 7 ? 4 : 2;
  return `+${digits.slice(0, length)} ••• ••• ${digits.slice(-shown)}`;
}

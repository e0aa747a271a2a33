import "server-only";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { createTranslator } from "use-intl/core";
import de from "@/components/messages/de.json";
import en from "@/components/messages/en.json";
import { createFormats, type Formats } from "./format";
import {
  type ConsoleLocale,
  consoleLocales,
  isTimeZone,
  parseAcceptLanguage,
  pickFormatLocale,
  pickLocale,
  readerCookies,
} from "./locale";

const catalogues: Record<ConsoleLocale, typeof en> = { en, de };

/** Who reads this page: language, regional form of dates, time zone, and the moment it was rendered. */
export interface Reader {
  locale: ConsoleLocale;
  formatLocale: string;
  timeZone: string;
  now: Date;
  formats: Formats;
}

/** The reader of this request: their own choice (a cookie) first, then what the browser asks for. Zone: UTC until known. */
export const getReader = cache(async (): Promise<Reader> => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const wanted = parseAcceptLanguage(head.get("accept-language"));
  const locale = pickLocale(consoleLocales, [jar.get(readerCookies.locale)?.value, ...wanted]);
  const formatLocale = pickFormatLocale(locale, wanted);
  const zone = decodeURIComponent(jar.get(readerCookies.timeZone)?.value ?? "");
  const timeZone = isTimeZone(zone) ? zone : "UTC";
  return { locale, formatLocale, timeZone, now: new Date(), formats: createFormats(formatLocale, timeZone) };
});

/** The catalogue of `locale`. */
export function getMessages(locale: ConsoleLocale): typeof en {
  return catalogues[locale];
}

/** Speaks the reader's language in a server component: `const t = await getTranslator(); t("users.title")`. */
export const getTranslator = cache(async () => {
  const { locale, timeZone } = await getReader();
  return createTranslator({ locale, timeZone, messages: getMessages(locale) });
});

import "server-only";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { createTranslator } from "use-intl/core";
import de from "@/components/messages/de.json";
import en from "@/components/messages/en.json";
import { findSession } from "@/lib/staff/session";
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
  /** Whether single keys (`/`, `1`, `2`) act; a reader can switch them off (WCAG 2.1.4). */
  singleKeys: boolean;
  now: Date;
  formats: Formats;
}

/** The language that every staff member starts with, so it is nobody's wish. */
const initialLanguage = "en";

/**
 * The reader of this request: their own choice on this device (a cookie) first, then what their staff record says, then
 * what the browser asks for. Zone: the browser's, the staff record's, or UTC until known.
 */
export const getReader = cache(async (): Promise<Reader> => {
  const [jar, head, session] = await Promise.all([cookies(), headers(), findSession()]);
  const wanted = parseAcceptLanguage(head.get("accept-language"));
  const recorded = session?.language === initialLanguage ? undefined : session?.language;
  const locale = pickLocale(consoleLocales, [jar.get(readerCookies.locale)?.value, recorded, ...wanted]);
  const formatLocale = pickFormatLocale(locale, wanted);
  const timeZone = [jar.get(readerCookies.timeZone)?.value, session?.timeZone].find(isTimeZone) ?? "UTC";
  const singleKeys = jar.get(readerCookies.keys)?.value !== "off";
  return {
    locale,
    formatLocale,
    timeZone,
    singleKeys,
    now: new Date(),
    formats: createFormats(formatLocale, timeZone),
  };
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

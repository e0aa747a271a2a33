import "server-only";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { createTranslator } from "use-intl/core";
import { documentLocales, parseAcceptLanguage, pickLocale, readerCookies } from "@/components/i18n/locale";
import ar from "@/components/messages/otp/ar.json";
import de from "@/components/messages/otp/de.json";
import en from "@/components/messages/otp/en.json";
import es from "@/components/messages/otp/es.json";
import fr from "@/components/messages/otp/fr.json";
import ja from "@/components/messages/otp/ja.json";

/** A language that the user's page speaks. */
export type OtpLocale = (typeof documentLocales)[number];

const catalogues: Record<OtpLocale, typeof en> = { en, de, es, fr, ja, ar };

/** The languages of the user's page, each by its own name. */
export const languageNames: Record<OtpLocale, string> = {
  en: "English",
  de: "Deutsch",
  es: "Español",
  fr: "Français",
  ja: "日本語",
  ar: "العربية",
};

/** The language of this request at the user's page: what was chosen on this device, or what the browser asks for. */
export const getOtpLocale = cache(async (): Promise<OtpLocale> => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  return pickLocale<OtpLocale>(documentLocales, [
    jar.get(readerCookies.locale)?.value,
    ...parseAcceptLanguage(head.get("accept-language")),
  ]);
});

/** Speaks the reader's language on the user's page. On the server only: no catalogue goes to the browser. */
export const getWords = cache(async () => {
  const locale = await getOtpLocale();
  return createTranslator({ locale, messages: catalogues[locale], timeZone: "UTC" });
});

/** "in 40 seconds", "in 8 minutes", "in 3 hours", in the reader's language, never too early. */
export async function sayWhen(seconds: number): Promise<string> {
  const relative = new Intl.RelativeTimeFormat(await getOtpLocale());
  if (seconds <= 90) return relative.format(Math.max(1, Math.ceil(seconds)), "second");
  if (seconds <= 5400) return relative.format(Math.ceil(seconds / 60), "minute");
  return relative.format(Math.ceil(seconds / 3600), "hour");
}

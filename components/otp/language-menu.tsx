import { documentLocales } from "@/components/i18n/locale";
import { getOtpLocale, getWords, languageNames } from "./words";

/** The languages to choose from; works without scripts. */
export async function LanguageMenu({
  path,
  speak,
}: {
  path: string;
  speak: (form: FormData) => Promise<void>;
}) {
  const [t, locale] = await Promise.all([getWords(), getOtpLocale()]);
  return (
    <details key={locale} className="group relative">
      <summary className="flex min-h-12 list-none items-center gap-1.5 rounded-md px-3 hover:text-ink [&::-webkit-details-marker]:hidden">
        <span className="sr-only">{t("frame.language")} </span>
        {languageNames[locale]}
        <svg viewBox="0 0 12 12" className="size-3 group-open:rotate-180" aria-hidden="true">
          <path d="M2 4.2 6 8.2 10 4.2" fill="none" className="stroke-current" strokeWidth="1.6" />
        </svg>
      </summary>
      <form
        action={speak}
        className="absolute start-0 bottom-full z-10 mb-1 flex w-48 flex-col rounded-xl border bg-surface p-1.5"
      >
        <input type="hidden" name="path" value={path} />
        {documentLocales.map((language) => (
          <button
            key={language}
            type="submit"
            name="language"
            value={language}
            lang={language}
            dir="auto"
            aria-current={language === locale ? "true" : undefined}
            className="flex min-h-12 items-center justify-between rounded-md px-3 text-start text-ink hover:bg-sunken"
          >
            {languageNames[language]}
            {language === locale && (
              <svg viewBox="0 0 16 16" className="size-4 text-accent" aria-hidden="true">
                <path d="m3 8.5 3.2 3.2L13 5" fill="none" className="stroke-current" strokeWidth="1.8" />
              </svg>
            )}
          </button>
        ))}
      </form>
    </details>
  );
}

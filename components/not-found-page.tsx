import { cookies, headers } from "next/headers";
import { documentLocales, parseAcceptLanguage, pickLocale, readerCookies } from "@/components/i18n/locale";
import messages from "@/components/messages/not-found.json";
import { buttonClass } from "@/components/ui/button";

/** Says that nothing is here, in the reader's language, and the way back. */
export async function NotFoundPage() {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const words =
    messages[
      pickLocale(documentLocales, [
        jar.get(readerCookies.locale)?.value,
        ...parseAcceptLanguage(head.get("accept-language")),
      ])
    ];
  return (
    <div className="mx-auto max-w-lg px-4 py-16 text-center">
      <h1 className="font-semibold text-lg">{words.notFound}</h1>
      <p className="mt-2 text-ink-soft text-sm">{words.notFoundHint}</p>
      <a href="/" className={buttonClass({ className: "mt-5" })}>
        {words.home}
      </a>
    </div>
  );
}

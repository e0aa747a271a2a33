"use client";

import { createContext, type ReactNode, use, useMemo } from "react";
import { IntlProvider } from "use-intl/react";
import { createFormats, type Formats } from "./format";
import type { ConsoleLocale } from "./locale";

interface ClientReader {
  locale: ConsoleLocale;
  formats: Formats;
  timeZone: string;
  /** Whether single keys act (WCAG 2.1.4). */
  singleKeys: boolean;
  /** When the server rendered, ms: what the first paint counts from, so that server and browser agree. */
  renderedAt: number;
}

const ReaderContext = createContext<ClientReader | null>(null);

/** Hands reader and catalogue to client components; rendered by `ClientMessages`. */
export function ReaderProvider({
  locale,
  formatLocale,
  timeZone,
  singleKeys,
  now,
  messages,
  children,
}: {
  locale: ConsoleLocale;
  formatLocale: string;
  timeZone: string;
  singleKeys: boolean;
  now: number;
  messages: object;
  children: ReactNode;
}) {
  const reader = useMemo(
    () => ({ locale, formats: createFormats(formatLocale, timeZone), timeZone, singleKeys, renderedAt: now }),
    [locale, formatLocale, timeZone, singleKeys, now],
  );
  return (
    <ReaderContext value={reader}>
      <IntlProvider locale={locale} timeZone={timeZone} messages={messages as never}>
        {children}
      </IntlProvider>
    </ReaderContext>
  );
}

/** The reader, in a client component below `ClientMessages`. */
export function useReader(): ClientReader {
  const reader = use(ReaderContext);
  if (reader === null) throw new Error("useReader needs ClientMessages above it");
  return reader;
}

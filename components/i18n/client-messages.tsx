import type { ReactNode } from "react";
import type en from "@/components/messages/en.json";
import { ReaderProvider } from "./reader-provider";
import { getMessages, getReader } from "./server";

/**
 * Gives the client components inside the reader and those parts of the catalogue that they speak.
 * @param namespaces top-level names of the catalogue; `ui` is always among them. Replaces what an outer one gave.
 */
export async function ClientMessages({
  namespaces,
  children,
}: {
  namespaces: readonly (keyof typeof en)[];
  children: ReactNode;
}) {
  const { locale, formatLocale, timeZone, singleKeys, now } = await getReader();
  const all = getMessages(locale);
  const messages = Object.fromEntries(["ui" as const, ...namespaces].map((name) => [name, all[name]]));
  return (
    <ReaderProvider
      locale={locale}
      formatLocale={formatLocale}
      timeZone={timeZone}
      singleKeys={singleKeys}
      now={now.getTime()}
      messages={messages}
    >
      {children}
    </ReaderProvider>
  );
}

import type { ReactNode } from "react";
import { Mark } from "@/components/shell/logo";
import { LanguageMenu } from "./language-menu";
import { NeverAsItWas } from "./never-as-it-was";
import { getWords } from "./words";

/** What every page of the user's page says besides its question. */
export interface FrameFacts {
  company: string;
  /** E.164 or as the company writes it; null: the page names the helpdesk alone. */
  helpdeskPhone: string | null;
  /** The path and query of this page, to come back to when the language is changed. */
  path: string;
  /** In the demo: where texts and calls arrive. */
  phonesUrl: string | null;
  speak: (form: FormData) => Promise<void>;
}

/** One question on a page: who asks, the question, and below it the language and the helpdesk. */
export async function Frame({
  facts,
  title,
  lead,
  className = "",
  children,
}: {
  facts: FrameFacts;
  title: ReactNode;
  lead?: ReactNode;
  className?: string;
  children?: ReactNode;
}) {
  const t = await getWords();
  return (
    <div
      className={`${className} flex min-h-dvh flex-col bg-surface text-base [word-break:auto-phrase] sm:items-center sm:bg-page sm:px-6 sm:pt-[8vh] sm:pb-12`}
    >
      <div className="flex w-full flex-1 flex-col bg-surface px-6 pt-7 pb-4 sm:max-w-[27rem] sm:flex-none sm:rounded-xl sm:border sm:px-9 sm:pt-9 sm:pb-5">
        <header className="flex items-center gap-2.5">
          <Mark className="size-6" />
          <span className="min-w-0 break-words font-semibold">{facts.company}</span>
        </header>
        <main className="flex flex-1 flex-col pt-8 pb-10 sm:min-h-112">
          <h1 className="text-balance font-bold text-[1.75rem] leading-9 tracking-tight">{title}</h1>
          {lead !== undefined && <p className="mt-2 text-pretty text-ink-soft leading-7">{lead}</p>}
          {children}
        </main>
        <footer className="-mx-3 flex flex-wrap items-center justify-between gap-x-4 text-ink-soft">
          <LanguageMenu path={facts.path} speak={facts.speak} />
          {facts.helpdeskPhone !== null && (
            <a
              href={`tel:${facts.helpdeskPhone.replace(/[^\d+]/g, "")}`}
              className="flex min-h-12 items-center rounded-md px-3 hover:text-ink"
            >
              <span>
                {t("frame.callHelpdesk")}{" "}
                <bdi className="whitespace-nowrap tabular-nums">{facts.helpdeskPhone}</bdi>
              </span>
            </a>
          )}
        </footer>
      </div>
      <NeverAsItWas />
      {facts.phonesUrl !== null && (
        <aside className="border-t bg-warn-soft px-6 py-3 text-center text-ink sm:mt-6 sm:rounded-xl sm:border-transparent">
          {t.rich("frame.demo", {
            link: (words) => (
              <a
                href={facts.phonesUrl ?? ""}
                target="_blank"
                rel="noreferrer"
                className="font-medium underline"
              >
                {words}
              </a>
            ),
          })}
        </aside>
      )}
    </div>
  );
}

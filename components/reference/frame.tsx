import type { ReactNode } from "react";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getReader, getTranslator } from "@/components/i18n/server";
import { Mark } from "@/components/shell/logo";
import { DemoBanner } from "@/components/staff/demo-banner";
import { buttonClass } from "@/components/ui/button";
import { Method } from "./call-section";
import { callsOf, type OpenApi, toDoorPath } from "./model";

function Contents({ document, current }: { document: OpenApi; current: string | undefined }) {
  return (
    <ul className="flex flex-col gap-2 text-xs">
      {document.tags.map(({ name }) => (
        <li key={name}>
          <a
            href={toDoorPath(name)}
            aria-current={name === current ? "page" : undefined}
            className="block py-0.5 font-semibold hover:underline aria-[current=page]:text-accent"
          >
            {name}
          </a>
          {name === current && (
            <ul className="mt-1 mb-2">
              {callsOf(document, name).map(({ method, operation: { operationId, summary } }) => (
                <li key={operationId}>
                  <a
                    href={`#${operationId}`}
                    className="flex items-baseline gap-2 rounded-sm py-0.5 hover:bg-sunken"
                  >
                    <Method method={method} />
                    <span className="min-w-0" lang="en">
                      {summary}
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What stands around every page of the reference, which is whole without scripts. `current`: the door that the page is about. */
export async function Frame({
  document,
  current,
  children,
}: {
  document: OpenApi;
  current?: string;
  children: ReactNode;
}) {
  const [t, { locale }] = await Promise.all([getTranslator(), getReader()]);
  const contents = <Contents document={document} current={current} />;
  return (
    <ClientMessages namespaces={["reference"]}>
      <div lang={locale} className="text-sm">
        <DemoBanner />
        <header className="sticky top-0 z-10 flex min-h-12 items-center gap-3 border-b bg-surface px-4">
          <a href="/docs/api" className="flex items-center gap-2.5 font-bold tracking-tight">
            <Mark />
            <span>
              Sparekey <span className="font-medium text-ink-soft">{t("reference.title")}</span>
            </span>
          </a>
          <a href="/docs/api/openapi.json" className={buttonClass({ size: "sm", className: "ml-auto" })}>
            openapi.json
          </a>
        </header>
        <div className="mx-auto grid max-w-[100rem] lg:grid-cols-[18rem_minmax(0,1fr)]">
          <nav
            aria-label={t("reference.contents")}
            className="sticky top-12 hidden h-[calc(100dvh-3rem)] overflow-y-auto border-r px-4 py-5 lg:block"
          >
            {contents}
          </nav>
          <main className="min-w-0 px-4 py-6 lg:px-8">
            {current !== undefined && (
              <details className="mb-5 rounded-xl border bg-surface px-4 py-2.5 lg:hidden">
                <summary className="font-medium">{t("reference.contents")}</summary>
                <nav aria-label={t("reference.contents")} className="mt-3 pb-2">
                  {contents}
                </nav>
              </details>
            )}
            {children}
          </main>
        </div>
      </div>
    </ClientMessages>
  );
}

import type { ReactNode } from "react";
import { ClientMessages } from "@/components/i18n/client-messages";
import { ReaderZone } from "@/components/i18n/reader-zone";
import { getReader, getTranslator } from "@/components/i18n/server";
import { jetbrains } from "@/components/mono-font";
import { AskBeforeLeaving } from "@/components/shell/ask-before-leaving";
import { CommandsButton } from "@/components/shell/commands-button";
import { IssuingStopped } from "@/components/shell/issuing-stopped";
import { LookUpField } from "@/components/shell/look-up-field";
import { LookUpSelectionProvider } from "@/components/shell/look-up-selection";
import { QueryProvider } from "@/components/shell/query-provider";
import { listSections } from "@/components/shell/sections";
import { Sidebar, sidebarId } from "@/components/shell/sidebar";
import { SignOutButton } from "@/components/shell/sign-out-button";
import { TheftBar } from "@/components/shell/theft-bar";
import { DemoBanner } from "@/components/staff/demo-banner";
import { Toasts } from "@/components/ui/toast";
import { toPlain } from "@/components/users/call-view";
import { listThefts } from "@/lib/grants/thefts";
import { findIssuingStop } from "@/lib/machines/resume-issuing";
import { hasPermission } from "@/lib/staff/permission";
import { requireStaffContext } from "@/lib/staff/session";
import { signOutAction } from "../signin/actions";
import { resumeIssuingAction } from "./actions";
import { withFaultLogged } from "./console-page";

/** The console around every page of staff: where one can go, the look-up, the commands, who one is. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const { actor, stoppedAt, thefts } = await withFaultLogged(async () => {
    const ctx = await requireStaffContext();
    const thefts = hasPermission(ctx.actor, "theft:see") ? await listThefts(ctx) : null;
    return { actor: ctx.actor, stoppedAt: await findIssuingStop(ctx), thefts };
  });
  const [t, { locale, timeZone }] = await Promise.all([getTranslator(), getReader()]);
  const sections = listSections(actor).map(({ href, name }) => ({ href, name: t(`shell.section.${name}`) }));
  return (
    <div
      lang={locale}
      className={`${jetbrains.variable} grid min-h-dvh grid-cols-[minmax(0,1fr)] text-sm lg:grid-cols-[13rem_minmax(0,1fr)]`}
    >
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-accent px-4 py-2 font-medium text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t("shell.skip")}
      </a>
      <QueryProvider>
        <ClientMessages namespaces={["shell"]}>
          <ReaderZone rendered={timeZone} />
          <LookUpSelectionProvider>
            <Sidebar actor={actor} signOut={<SignOutButton action={signOutAction} />} />
            <div className="flex min-w-0 flex-col">
              <DemoBanner />
              {stoppedAt !== null && (
                <IssuingStopped
                  since={stoppedAt}
                  resume={hasPermission(actor, "server:manage") ? resumeIssuingAction : null}
                />
              )}
              {thefts !== null && <TheftBar first={toPlain(thefts)} />}
              <header className="sticky top-0 z-20 flex h-13 items-center gap-2 border-b bg-page px-3 sm:px-6">
                <button
                  type="button"
                  popoverTarget={sidebarId}
                  aria-label={t("shell.openNavigation")}
                  className="flex size-9 shrink-0 items-center justify-center rounded-md hover:bg-sunken lg:hidden"
                >
                  <svg viewBox="0 0 20 20" className="size-5 stroke-current" fill="none" aria-hidden="true">
                    <path d="M3 5.5h14M3 10h14M3 14.5h14" strokeWidth="1.6" strokeLinecap="round" />
                  </svg>
                </button>
                <LookUpField />
                <CommandsButton sections={sections} />
              </header>
              <main id="main" tabIndex={-1} className="min-w-0 flex-1 px-3 py-5 outline-none sm:px-6">
                {children}
              </main>
            </div>
          </LookUpSelectionProvider>
          <AskBeforeLeaving />
          <Toasts />
        </ClientMessages>
      </QueryProvider>
    </div>
  );
}

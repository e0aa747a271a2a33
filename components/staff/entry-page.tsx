import type { ReactNode } from "react";
import { ClientMessages } from "@/components/i18n/client-messages";
import { ReaderZone } from "@/components/i18n/reader-zone";
import { getReader } from "@/components/i18n/server";
import { Logo } from "@/components/shell/logo";
import { DemoBanner } from "./demo-banner";

/** A page on the way in: one question, in the middle. */
export async function EntryPage({
  title,
  hint,
  children,
}: {
  title: ReactNode;
  hint?: ReactNode;
  children: ReactNode;
}) {
  const { locale, timeZone } = await getReader();
  return (
    <div lang={locale} className="flex min-h-dvh flex-col text-sm">
      <ReaderZone rendered={timeZone} redraws={false} />
      <DemoBanner />
      <main className="mx-auto flex w-full max-w-96 flex-1 flex-col px-4 pt-[12vh] pb-10">
        <div className="mb-7">
          <Logo />
        </div>
        <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
        {hint && <p className="mt-1.5 text-ink-soft">{hint}</p>}
        <div className="mt-5 flex flex-col gap-4">
          <ClientMessages namespaces={["signIn"]}>{children}</ClientMessages>
        </div>
      </main>
    </div>
  );
}

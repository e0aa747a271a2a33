import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { parseAcceptLanguage, pickFormatLocale } from "@/components/i18n/locale";
import { ClosingTime } from "@/components/otp/closing-time";
import { plainButton } from "@/components/otp/notice";
import { DemoBanner } from "@/components/staff/demo-banner";
import { getConfig, isDemo } from "@/lib/platform/config";
import { signOut } from "./actions";
import { findPayrollSession, type PayrollSession } from "./session";

export const metadata: Metadata = { title: { absolute: "Payroll" } };

const ways: Record<PayrollSession["method"], string> = {
  sms: "a text message",
  voice: "a phone call",
  access_code: "an access code",
};

const slips = [
  ["October", 4_218.4],
  ["September", 4_218.4],
  ["August", 4_391.15],
] as const;

/** The demo's protected application: whoever isn't proven is sent to `/otp`. There is none outside the demo. */
export default async function PayrollPage() {
  if (!isDemo()) notFound();
  const session = await findPayrollSession();
  if (session === undefined) redirect("/otp?app=payroll");
  const locale = pickFormatLocale("en", parseAcceptLanguage((await headers()).get("accept-language")));
  const money = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" });
  return (
    <div lang="en" dir="ltr" className="min-h-dvh">
      <DemoBanner />
      <header className="border-b bg-surface">
        <div className="mx-auto flex min-h-16 max-w-3xl flex-wrap items-center justify-between gap-x-6 px-6 py-2">
          <span className="flex items-center gap-2.5 font-semibold text-lg tracking-tight">
            <svg viewBox="0 0 24 24" className="size-6 text-accent" aria-hidden="true">
              <rect
                x="2.5"
                y="4.5"
                width="19"
                height="15"
                rx="3"
                fill="none"
                className="stroke-current"
                strokeWidth="1.7"
              />
              <path d="M2.5 9.5h19M6.5 15h5" className="stroke-current" strokeWidth="1.7" />
            </svg>
            Payroll
          </span>
          <span className="text-ink-soft">{getConfig().SPAREKEY_COMPANY}</span>
        </div>
      </header>
      <main className="mx-auto max-w-3xl px-6 py-10">
        <section className="rounded-xl border bg-surface px-6 py-7 sm:px-8">
          <div className="flex items-start gap-4">
            <svg viewBox="0 0 28 28" className="mt-0.5 size-8 shrink-0 text-ok" aria-hidden="true">
              <circle cx="14" cy="14" r="14" className="fill-ok-soft" />
              <path d="m8 14.6 4 4 8-8.6" fill="none" className="stroke-current" strokeWidth="2.4" />
            </svg>
            <div className="min-w-0 flex-1">
              <h1 className="font-bold text-2xl tracking-tight">You are in</h1>
              <p className="mt-1.5 text-ink-soft leading-7">
                Signed in as{" "}
                <b className="font-semibold text-ink" dir="auto">
                  {session.displayName}
                </b>
                , by {ways[session.method]}. <ClosingTime at={session.until} locale={locale} />
              </p>
            </div>
          </div>
          <form action={signOut} className="mt-6 sm:w-44">
            <button type="submit" className={plainButton}>
              Sign out
            </button>
          </form>
        </section>
        <h2 className="mt-10 font-semibold text-lg">Pay slips</h2>
        <ul className="mt-3 divide-y rounded-xl border bg-surface">
          {slips.map(([month, amount]) => (
            <li key={month} className="flex min-h-14 items-center justify-between gap-4 px-6">
              <span>{month}</span>
              <span className="font-mono tabular-nums">{money.format(amount)}</span>
            </li>
          ))}
        </ul>
        <p className="mt-6 text-ink-soft leading-7">
          A made-up application. It stands for whatever your company protects, and asks Sparekey who you are.
          What it opened stays open for its 15 minutes; an application that speaks OpenID Connect is closed
          with the access.
        </p>
      </main>
    </div>
  );
}

import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { inter } from "@/components/fonts";
import {
  consoleLocales,
  documentLocales,
  parseAcceptLanguage,
  pickLocale,
  readerCookies,
} from "@/components/i18n/locale";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Sparekey", template: "%s · Sparekey" },
  robots: { index: false, follow: false },
  referrer: "same-origin",
};

export const viewport: Viewport = {
  colorScheme: "light dark",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f7f7f5" },
    { media: "(prefers-color-scheme: dark)", color: "#131312" },
  ],
};

/** The document around every page: language, direction, theme, type. It carries no script of its own. The user's page speaks more languages than the console. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const spoken = head.get("x-sparekey-path")?.startsWith("/otp") ? documentLocales : consoleLocales;
  const lang = pickLocale<(typeof documentLocales)[number]>(spoken, [
    jar.get(readerCookies.locale)?.value,
    ...parseAcceptLanguage(head.get("accept-language")),
  ]);
  const theme = jar.get(readerCookies.theme)?.value;
  return (
    <html
      lang={lang}
      dir={lang === "ar" ? "rtl" : "ltr"}
      data-theme={theme === "light" || theme === "dark" ? theme : undefined}
      className={`${inter.variable} font-sans`}
    >
      <body>{children}</body>
    </html>
  );
}

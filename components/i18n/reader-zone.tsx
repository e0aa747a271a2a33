"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { readerCookies } from "./locale";

/** Writes one of the reader's own choices, for a year; an empty value forgets it. */
export function rememberChoice(choice: keyof typeof readerCookies, value: string): void {
  const age = value === "" ? 0 : 31_536_000;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
  document.cookie = `${readerCookies[choice]}=${encodeURIComponent(value)}; path=/; max-age=${age}; samesite=lax`;
}

/**
 * Tells the server the browser's time zone, once it differs from the one the page was rendered for.
 * @param redraws false: the page shows no times, so only the next one needs to know.
 */
export function ReaderZone({ rendered, redraws = true }: { rendered: string; redraws?: boolean }) {
  const router = useRouter();
  useEffect(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone || zone === rendered) return;
    rememberChoice("timeZone", zone);
    if (redraws) router.refresh();
  }, [rendered, redraws, router]);
  return null;
}

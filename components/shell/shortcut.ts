"use client";

import { useEffect, useEffectEvent } from "react";
import { useReader } from "@/components/i18n/reader-provider";

/** What takes no letters or digits, though it is an input. */
const untyped = ":not([type=radio], [type=checkbox], [type=button], [type=submit], [type=file])";

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches(`input${untyped}, textarea, select, [role='dialog'] *`))
  );
}

/**
 * Calls `act` when `key` is pressed on this page.
 * A single key acts only outside of fields and dialogs, and not for readers who switched single keys off (WCAG 2.1.4);
 * with `mod` it is ⌘ or Ctrl and the key, and acts anywhere.
 */
export function useShortcut(key: string, act: () => void, { mod = false }: { mod?: boolean } = {}): void {
  const { singleKeys } = useReader();
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.key.toLowerCase() !== key || event.altKey || event.repeat) return;
    const withMod = event.metaKey || event.ctrlKey;
    if (mod ? !withMod : withMod || !singleKeys || isTyping(event.target)) return;
    event.preventDefault();
    act();
  });
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

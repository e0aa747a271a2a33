"use client";

import { Suspense, useRef, useState, useSyncExternalStore } from "react";
import { useTranslations } from "use-intl/react";
import { fetchLater } from "@/components/ui/fetch-later";
import { Kbd } from "@/components/ui/kbd";
import { useShortcut } from "./shortcut";

const Palette = fetchLater(() => import("./palette"));

const subscribeToNothing = () => () => undefined;

/** Whether this browser runs where the command key is the one to hold. The server answers no. */
function useCommandKey(): boolean {
  return useSyncExternalStore(
    subscribeToNothing,
    () => /Mac|iPhone|iPad/.test(navigator.userAgent),
    () => false,
  );
}

/** Opens the commands (⌘K, Ctrl K); their script is fetched with the first opening. */
export function CommandsButton({ sections }: { sections: readonly { href: string; name: string }[] }) {
  const t = useTranslations("shell");
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState(false);
  const hasCommandKey = useCommandKey();
  const before = useRef<Element | null>(null);
  // The dialog gives the focus back to its trigger alone, and a key is none.
  const giveFocusBack = () => {
    if (document.activeElement === document.body && before.current instanceof HTMLElement)
      before.current.focus();
  };
  const show = (next: boolean) => {
    setWanted(true);
    setOpen(next);
    if (next) before.current = document.activeElement;
    else requestAnimationFrame(giveFocusBack);
  };
  const toggle = () => show(!open);
  useShortcut("k", toggle, { mod: true });
  return (
    <>
      <button
        type="button"
        onClick={toggle}
        aria-keyshortcuts="Meta+K Control+K"
        className="hidden items-center gap-2 rounded-md px-2 py-1.5 text-ink-soft text-sm hover:bg-sunken hover:text-ink sm:flex"
      >
        {t("commands.open")}
        <Kbd>{hasCommandKey ? "⌘ K" : "Ctrl K"}</Kbd>
      </button>
      {wanted && (
        <Suspense fallback={null}>
          <Palette open={open} onOpenChange={show} sections={sections} />
        </Suspense>
      )}
    </>
  );
}

"use client";

import { useSyncExternalStore } from "react";
import messages from "@/components/messages/fault.json";
import { awayPrefix } from "./fault";

type Language = keyof typeof messages;

const never = () => () => undefined;

/** The language that the reader chose here, else the browser's; there is no server to ask. */
function chosenLanguage(): Language {
  const chosen = /(?:^|; )sparekey-language=(\w+)/.exec(document.cookie)?.[1];
  const spoken = [chosen, ...navigator.languages].map((tag) => tag?.slice(0, 2).toLowerCase());
  return (spoken.find((tag) => tag !== undefined && tag in messages) as Language | undefined) ?? "en";
}

/**
 * What an error boundary shows: one sentence, the number under which the log has it, and another try. Needs nothing around
 * it, and is small: the script of every page carries it.
 */
export function FaultPage({ error, retry }: { error: unknown; retry: () => void }) {
  const language = useSyncExternalStore(never, chosenLanguage, () => "en" as const);
  const words = messages[language];
  const digest = error instanceof Error && "digest" in error ? String(error.digest) : "";
  const away = digest.startsWith(awayPrefix);
  return (
    <div
      role="alert"
      lang={language}
      dir={language === "ar" ? "rtl" : "ltr"}
      className="mx-auto max-w-lg px-4 py-16 text-center"
    >
      <h1 className="font-semibold text-lg">{away ? words.away : words.fault}</h1>
      {digest && (
        <p className="mt-2 text-ink-soft text-sm">
          {words.number}{" "}
          <code className="break-all font-mono text-ink">
            {away ? digest.slice(awayPrefix.length) : digest}
          </code>
        </p>
      )}
      <button
        type="button"
        onClick={retry}
        className="mt-5 min-h-9 rounded-md bg-accent px-3.5 font-medium text-on-accent text-sm hover:bg-accent-strong"
      >
        {words.again}
      </button>
    </div>
  );
}

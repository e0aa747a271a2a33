"use client";

import { useSyncExternalStore } from "react";
import messages from "@/components/messages/fault.json";
import { Button } from "@/components/ui/button";
import { awayPrefix } from "./fault";

type Language = keyof typeof messages;

const never = () => () => undefined;

/** What an error boundary shows: one sentence, the number under which the log has it, and another try. Needs nothing around it. */
export function FaultPage({ error, retry }: { error: unknown; retry: () => void }) {
  const lang = useSyncExternalStore(
    never,
    () => document.documentElement.lang,
    () => "en",
  );
  const words = messages[lang in messages ? (lang as Language) : "en"];
  const digest = error instanceof Error && "digest" in error ? String(error.digest) : "";
  const away = digest.startsWith(awayPrefix);
  return (
    <div role="alert" className="mx-auto max-w-lg px-4 py-16 text-center">
      <h1 className="font-semibold text-lg">{away ? words.away : words.fault}</h1>
      {digest && (
        <p className="mt-2 text-ink-soft text-sm">
          {words.number}{" "}
          <code className="break-all font-mono text-ink">
            {away ? digest.slice(awayPrefix.length) : digest}
          </code>
        </p>
      )}
      <Button variant="primary" className="mt-5" onClick={retry}>
        {words.again}
      </Button>
    </div>
  );
}

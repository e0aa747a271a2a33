"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Facts } from "@/components/list/opening-list";
import { readJson } from "@/components/read-json";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/state";
import type { Plain } from "@/components/users/call-view";
import type { MessageDetails as Details } from "@/lib/outgoing/list";
import { messagesKey } from "./keys";
import type { Message, ReplayAct } from "./views";
import { noAnswer, type OutgoingRefusal, useOutgoingWords } from "./words";

/** What a message says, each time that it was sent with what came back, and the button that sends it anew. */
export function MessageDetails({ message, replay }: { message: Message; replay: ReplayAct | null }) {
  const t = useTranslations("outgoing.messages");
  const { formats } = useReader();
  const { id, sends, state, endedAt } = message;
  const { data, isError } = useQuery({
    queryKey: ["webhooks", "message", id, sends, state],
    queryFn: ({ signal }) => readJson<Plain<Details>>(`/api/outgoing/messages/${id}`, {}, signal),
    placeholderData: (previous) => previous,
  });
  const facts: [string, string][] = [[t("id"), id]];
  if (endedAt !== null) facts.push([t(`ended.${state}`), formats.exact(new Date(endedAt))]);
  return (
    <div className="flex flex-col gap-3">
      <Facts facts={facts} />
      {isError && <Notice tone="warn" title={t("unread")} />}
      {data !== undefined && (
        <div className="grid items-start gap-3 lg:grid-cols-2">
          <Attempts attempts={data.attempts} />
          <figure aria-label={t("body")} className="min-w-0">
            <figcaption className="mb-1 text-ink-soft text-xs">{t("body")}</figcaption>
            <pre
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what may scroll must be reachable by keyboard (WCAG 2.1.1)
              tabIndex={0}
              className="max-h-80 overflow-auto rounded-lg border bg-surface px-3 py-2.5 font-mono text-2xs leading-relaxed [font-variant-ligatures:none]"
            >
              {indent(data.payload)}
            </pre>
          </figure>
        </div>
      )}
      {replay !== null && !message.hasEnded && <Replay message={message} replay={replay} />}
    </div>
  );
}

const indent = (payload: string) => (payload === "" ? "" : JSON.stringify(JSON.parse(payload), null, 2));

function Attempts({ attempts }: { attempts: Plain<Details>["attempts"] }) {
  const t = useTranslations("outgoing.messages");
  const failures = useTranslations("outgoing.failure");
  const { formats } = useReader();
  return (
    <div className="min-w-0">
      <h3 className="mb-1 text-ink-soft text-xs">{t("attempts")}</h3>
      {attempts.length === 0 ? (
        <p className="text-xs">{t("noAttempts")}</p>
      ) : (
        <ol className="divide-y rounded-lg border bg-surface text-xs">
          {attempts.map(({ number, at, status, failure, tookMs, excerpt, nextAt }) => (
            <li key={number} className="flex flex-col gap-1 px-3 py-2">
              <p className="flex flex-wrap justify-between gap-x-4">
                <span
                  className={`font-medium ${status !== null && status < 300 ? "text-ok" : "text-danger"}`}
                >
                  {failure === null ? t("answered", { status: String(status) }) : failures(failure)}
                </span>
                <span className="text-ink-soft tabular-nums">
                  {formats.exact(new Date(at))} · {t("took", { ms: tookMs })}
                </span>
              </p>
              {excerpt && (
                <p className="line-clamp-3 whitespace-pre-wrap break-all font-mono text-2xs text-ink-soft">
                  {excerpt}
                </p>
              )}
              {nextAt !== null && (
                <p className="text-ink-soft">{t("next", { at: formats.exact(new Date(nextAt)) })}</p>
              )}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Replay({ message, replay }: { message: Message; replay: ReplayAct }) {
  const t = useTranslations("outgoing.messages");
  const words = useOutgoingWords();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<OutgoingRefusal | null>(null);
  const run = async () => {
    setBusy(true);
    setRefused(null);
    const result = await replay({ messageId: message.id }).catch(noAnswer);
    setBusy(false);
    if (!result.ok) setRefused(result);
    void queries.invalidateQueries({ queryKey: messagesKey });
  };
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Button size="sm" busy={busy} aria-describedby={`replay-${message.id}`} onClick={() => void run()}>
        {t(message.state === "waiting" ? "sendNow" : "replay")}
      </Button>
      <p id={`replay-${message.id}`} className="text-ink-soft text-xs">
        {refused === null ? t(message.isHeld ? "replayHeld" : "replayHint") : words(refused)}
      </p>
    </div>
  );
}

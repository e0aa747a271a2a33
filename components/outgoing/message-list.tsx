"use client";

import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Moment, useNow } from "@/components/i18n/time";
import { useFilters } from "@/components/list/filters";
import { OpeningList } from "@/components/list/opening-list";
import { usePages } from "@/components/list/pages";
import { readJson } from "@/components/read-json";
import { Badge } from "@/components/ui/badge";
import { Cell } from "@/components/ui/table";
import { messageFilters } from "./filter-names";
import { beatMs, messagesKey } from "./keys";
import { MessageDetails } from "./message-details";
import type { Message, Page, ReplayAct } from "./views";

/** What was told to whom, and what became of it, newest first. `replay`: null where the reader may send nothing anew. */
export function MessageList({ first, replay }: { first: Page; replay: ReplayAct | null }) {
  const t = useTranslations("outgoing.messages");
  const types = useTranslations("outgoing.type");
  const { values, isPending, any } = useFilters(messageFilters);
  const query = usePages(messagesKey, {
    first,
    read: (cursor: string | null, signal) =>
      readJson<Page>("/api/outgoing/messages", { ...values, cursor }, signal),
    cursorOf: (page) => page.nextCursor,
    freshMs: beatMs,
  });
  return (
    <OpeningList
      label={t("title")}
      heads={[
        t("when"),
        t("state"),
        t("event"),
        [t("endpoint"), "hidden md:table-cell"],
        [t("sends"), "hidden md:table-cell"],
      ]}
      more={t("more")}
      items={query.data.pages.flatMap((page) => page.messages)}
      toId={(message) => message.id}
      toOpenLabel={(message) => t("details", { event: types(message.type), endpoint: message.endpoint })}
      toCells={(message) => <Line message={message} />}
      toDetails={(message) => <MessageDetails message={message} replay={replay} />}
      empty={
        any
          ? { title: t("empty.filtered"), hint: t("empty.filteredHint") }
          : { title: t("empty.title"), hint: t("empty.hint") }
      }
      isPending={isPending}
      paging={query}
    />
  );
}

function Line({ message }: { message: Message }) {
  const types = useTranslations("outgoing.type");
  return (
    <>
      <Cell className="sm:whitespace-nowrap">
        <Moment at={message.createdAt} />
      </Cell>
      <Cell className="whitespace-nowrap">
        <State message={message} />
      </Cell>
      <Cell className="sm:whitespace-nowrap">
        {types(message.type)}
        <span className="hidden font-mono text-2xs text-ink-soft sm:block">{message.type}</span>
        <span className="block text-ink-soft text-xs md:hidden">{message.endpoint}</span>
      </Cell>
      <Cell className="hidden min-w-32 md:table-cell">{message.endpoint}</Cell>
      <Cell className="hidden tabular-nums md:table-cell">{message.sends}</Cell>
    </>
  );
}

function State({ message: { state, isHeld, failures, dueAt } }: { message: Message }) {
  const t = useTranslations("outgoing.messages");
  const { formats, renderedAt } = useReader();
  const now = useNow();
  if (state === "delivered") return <Badge tone="ok">{t("is.delivered")}</Badge>;
  if (state === "dead") return <Badge tone="danger">{t("is.dead")}</Badge>;
  if (isHeld) return <Badge>{t("held")}</Badge>;
  if (failures === 0) return <Badge tone="accent">{t("is.waiting")}</Badge>;
  const due = new Date(dueAt);
  const left = (due.getTime() - now) / 1000;
  return (
    <Badge tone="warn">
      {left <= 0
        ? t("againNow")
        : t("again", {
            at: left < 60 ? formats.clockSeconds(due) : formats.moment(due, new Date(renderedAt)),
          })}
    </Badge>
  );
}

"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Fragment, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useFilters } from "@/components/list/filters";
import { LoadMore } from "@/components/list/load-more";
import { readJson } from "@/components/read-json";
import { Badge, type Tone } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/state";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import type { LoggedEvent, Outcome } from "@/lib/audit/model";
import { auditFilters } from "./filter-names";

interface Page {
  events: LoggedEvent[];
  cursor: number | null;
}

const toneOf: Record<Outcome, Tone> = { ok: "ok", refused: "warn", denied: "danger", fault: "danger" };

/** What happened, newest first; each line opens to all that the log knows of it. */
export function EventList({ first }: { first: Page }) {
  const t = useTranslations("audit");
  const { formats, renderedAt } = useReader();
  const { values, set, isPending } = useFilters(auditFilters);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const query = useInfiniteQuery({
    queryKey: ["audit", values, first.events[0]?.id],
    queryFn: ({ pageParam, signal }) =>
      readJson<Page>("/api/audit", { ...values, cursor: String(pageParam) }, signal),
    initialPageParam: null as number | null,
    initialData: { pages: [first], pageParams: [null] },
    getNextPageParam: (page) => page.cursor,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const events = query.data.pages.flatMap((page) => page.events);
  if (events.length === 0)
    return (
      <div className="rounded-xl border bg-surface">
        <EmptyState title={t("empty.title")}>{t("empty.hint")}</EmptyState>
      </div>
    );
  const toggle = (id: number) =>
    setOpen((was) => {
      const now = new Set(was);
      if (!now.delete(id)) now.add(id);
      return now;
    });
  return (
    <>
      <div className={`rounded-xl border bg-surface ${isPending ? "opacity-60" : ""}`} aria-busy={isPending}>
        <Table label={t("title")}>
          <Heads>
            <Head>{t("column.when")}</Head>
            <Head>{t("column.what")}</Head>
            <Head>{t("column.outcome")}</Head>
            <Head>{t("column.who")}</Head>
            <Head>{t("column.whom")}</Head>
            <Head>
              <span className="sr-only">{t("column.more")}</span>
            </Head>
          </Heads>
          <tbody>
            {events.map((event) => {
              const isOpen = open.has(event.id);
              const at = new Date(event.at);
              return (
                <Fragment key={event.id}>
                  <Row className={isOpen ? "border-b-0 bg-sunken/60" : ""}>
                    <Cell className="whitespace-nowrap tabular-nums">
                      <time dateTime={event.at} title={formats.exact(at)}>
                        {formats.moment(at, new Date(renderedAt))}
                        <span className="text-ink-soft">{formats.clockSeconds(at).slice(5)}</span>
                      </time>
                    </Cell>
                    <Cell>
                      {t(`kind.${event.kind}`)}
                      {event.reason && (
                        <code className="ml-2 font-mono text-ink-soft text-xs">{event.reason}</code>
                      )}
                    </Cell>
                    <Cell>
                      <Badge tone={toneOf[event.outcome]}>{t(`outcome.${event.outcome}`)}</Badge>
                    </Cell>
                    <Cell>
                      {event.actorId === null ? (
                        <span className="text-ink-soft">{t(`actorKind.${event.actorKind}`)}</span>
                      ) : (
                        <button
                          type="button"
                          className="text-left hover:underline"
                          title={t("only", { name: event.actorLabel ?? event.actorId })}
                          onClick={() => set({ actor: event.actorId })}
                        >
                          {event.actorLabel ?? event.actorId}
                        </button>
                      )}
                    </Cell>
                    <Cell>
                      {event.userId === null ? (
                        <span className="text-ink-soft">–</span>
                      ) : (
                        <Link href={`/users/${event.userId}`} prefetch={false} className="hover:underline">
                          {event.userLabel ?? t("aUser")}
                        </Link>
                      )}
                    </Cell>
                    <Cell className="w-10 text-right">
                      <button
                        type="button"
                        aria-expanded={isOpen}
                        aria-controls={`event-${event.id}`}
                        aria-label={t("details", { number: event.id })}
                        onClick={() => toggle(event.id)}
                        className="size-7 rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
                      >
                        <span aria-hidden="true">{isOpen ? "−" : "+"}</span>
                      </button>
                    </Cell>
                  </Row>
                  {isOpen && (
                    <tr id={`event-${event.id}`} className="border-b bg-sunken/60">
                      <td colSpan={6} className="px-4 pb-3">
                        <Details event={event} onFilter={set} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        </Table>
      </div>
      <LoadMore
        shown={events.length}
        more={query.hasNextPage}
        busy={query.isFetchingNextPage}
        failed={query.isFetchNextPageError}
        onMore={() => void query.fetchNextPage()}
      />
    </>
  );
}

function Details({
  event,
  onFilter,
}: {
  event: LoggedEvent;
  onFilter: (changed: Partial<Record<(typeof auditFilters)[number], string>>) => void;
}) {
  const t = useTranslations("audit");
  const { formats } = useReader();
  const { userId, grantId } = event;
  const facts: [string, ReactNode][] = [
    [t("fact.at"), formats.exact(new Date(event.at))],
    [t("fact.number"), event.id],
    [t("fact.kind"), event.kind],
    [t("fact.requestId"), event.requestId],
    [t("fact.actor"), `${t(`actorKind.${event.actorKind}`)}${event.actorId ? ` · ${event.actorId}` : ""}`],
  ];
  if (userId !== null)
    facts.push([t("fact.user"), <Only key="u" id={userId} onOnly={() => onFilter({ user: userId })} />]);
  if (grantId !== null)
    facts.push([t("fact.grant"), <Only key="g" id={grantId} onOnly={() => onFilter({ grant: grantId })} />]);
  if (event.targetId !== null) facts.push([event.targetKind ?? t("fact.target"), event.targetId]);
  if (event.sourceIp !== null) facts.push([t("fact.from"), event.sourceIp]);
  if (event.userAgent !== null) facts.push([t("fact.program"), event.userAgent]);
  for (const [name, value] of Object.entries(event.details)) facts.push([name, String(value)]);
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1 text-xs md:grid-cols-[max-content_minmax(0,1fr)_max-content_minmax(0,1fr)]">
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="text-ink-soft">{name}</dt>
          <dd className="break-all font-mono">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

function Only({ id, onOnly }: { id: string; onOnly: () => void }) {
  const t = useTranslations("audit");
  return (
    <>
      {id}{" "}
      <button type="button" onClick={onOnly} className="font-medium font-sans text-accent hover:underline">
        {t("onlyThis")}
      </button>
    </>
  );
}

"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useFilters } from "@/components/list/filters";
import { Facts, OpeningList } from "@/components/list/opening-list";
import { usePages } from "@/components/list/pages";
import { readJson } from "@/components/read-json";
import { Badge, type Tone } from "@/components/ui/badge";
import { Cell } from "@/components/ui/table";
import type { LoggedEvent, Outcome } from "@/lib/audit/model";
import { auditFilters } from "./filter-names";
import { useDetails } from "./use-details";

interface Page {
  events: LoggedEvent[];
  cursor: number | null;
}

const toneOf: Record<Outcome, Tone> = { ok: "ok", refused: "warn", denied: "danger", fault: "danger" };

/** What happened, newest first; each line opens to all that the log knows of it. */
export function EventList({ first }: { first: Page }) {
  const t = useTranslations("audit");
  const { values, set, isPending } = useFilters(auditFilters);
  const query = usePages(["audit"], {
    first,
    read: (cursor: number | null, signal) =>
      readJson<Page>("/api/audit", { ...values, cursor: cursor?.toString() }, signal),
    cursorOf: (page) => page.cursor,
  });
  const events = query.data.pages.flatMap((page) => page.events);
  return (
    <OpeningList
      label={t("title")}
      heads={[
        t("column.when"),
        t("column.what"),
        [t("column.outcome"), "hidden sm:table-cell"],
        [t("column.who"), "hidden md:table-cell"],
        [t("column.whom"), "hidden md:table-cell"],
      ]}
      more={t("column.more")}
      items={events}
      toId={(event) => String(event.id)}
      toOpenLabel={(event) => t("details", { number: event.id })}
      toCells={(event) => <Line event={event} onFilter={set} />}
      toDetails={(event) => <Details event={event} onFilter={set} />}
      empty={{ title: t("empty.title"), hint: t("empty.hint") }}
      isPending={isPending}
      paging={query}
    />
  );
}

/** Why, in words; what has none is said by its code, as the log has it. */
function useReason(): (event: LoggedEvent) => ReactNode {
  const t = useTranslations("audit.reason");
  const given = useTranslations("user.give.reasons");
  const ended = useTranslations("user.end.reasons");
  const failed = useTranslations("user.way.failure");
  return ({ kind, reason, outcome }) => {
    if (reason === null) return null;
    if (kind === "grant.issued" && outcome === "ok" && given.has(reason as "lost"))
      return given(reason as "lost");
    if (kind === "grant.revoked" && ended.has(reason as "found")) return ended(reason as "found");
    if (kind.startsWith("delivery.") && failed.has(reason as "busy")) return failed(reason as "busy");
    if (t.has(reason as "wrong")) return t(reason as "wrong");
    return <code className="font-mono [overflow-wrap:anywhere]">{reason}</code>;
  };
}

function Line({ event, onFilter }: { event: LoggedEvent; onFilter: OnFilter }) {
  const t = useTranslations("audit");
  const { formats, renderedAt } = useReader();
  const sayReason = useReason();
  const sayPart = (id: string | null) =>
    t.has(`system.${id as "vonage"}`) ? t(`system.${id as "vonage"}`) : t("actorKind.system");
  const at = new Date(event.at);
  const actor =
    event.actorLabel ?? (event.actorKind === "system" ? sayPart(event.actorId) : (event.actorId ?? ""));
  const why = sayReason(event);
  const outcome = <Badge tone={toneOf[event.outcome]}>{t(`outcome.${event.outcome}`)}</Badge>;
  const who =
    event.actorId === null ? (
      <span className="text-ink-soft">
        {event.actorKind === "user" && event.userId === null
          ? t("somebody")
          : t(`actorKind.${event.actorKind}`)}
      </span>
    ) : (
      <button
        type="button"
        className="text-left hover:underline"
        title={t("only", { name: actor })}
        onClick={() => onFilter({ actor: event.actorId })}
      >
        {actor}
      </button>
    );
  const whom =
    event.userId === null ? (
      (event.targetLabel ?? <span className="text-ink-soft">–</span>)
    ) : (
      <Link href={`/users/${event.userId}`} prefetch={false} className="hover:underline">
        {event.userLabel ?? t("aUser")}
      </Link>
    );
  return (
    <>
      <Cell className="tabular-nums sm:whitespace-nowrap">
        <time dateTime={event.at} title={formats.exact(at)}>
          {formats.moment(at, new Date(renderedAt))}
          <span className="text-ink-soft">{formats.clockSeconds(at).slice(5)}</span>
        </time>
      </Cell>
      <Cell>
        {t(`kind.${event.kind}`)}
        {why !== null && <span className="text-ink-soft text-xs max-sm:block sm:ml-2">{why}</span>}
        <span className="block text-ink-soft text-xs md:hidden">
          {who}
          {(event.userId ?? event.targetLabel) !== null && <> → {whom}</>}
        </span>
        <span className="mt-1 block sm:hidden">{outcome}</span>
      </Cell>
      <Cell className="hidden sm:table-cell">{outcome}</Cell>
      <Cell className="hidden md:table-cell">{who}</Cell>
      <Cell className="hidden md:table-cell">{whom}</Cell>
    </>
  );
}

type OnFilter = ReturnType<typeof useFilters<(typeof auditFilters)[number]>>["set"];

function Details({ event, onFilter }: { event: LoggedEvent; onFilter: OnFilter }) {
  const t = useTranslations("audit");
  const { formats } = useReader();
  const { userId, grantId } = event;
  const sayTarget = (kind: string | null) =>
    t.has(`targetKind.${kind as "staff"}`) ? t(`targetKind.${kind as "staff"}`) : (kind ?? t("fact.target"));
  const sayDetail = useDetails();
  const facts: [string, ReactNode][] = [
    [t("fact.at"), formats.exact(new Date(event.at))],
    [t("fact.number"), event.id],
    [t("fact.kind"), event.kind],
    ...(event.reason === null ? [] : [[t("fact.reason"), event.reason] as [string, ReactNode]]),
    [t("fact.requestId"), event.requestId],
    [t("fact.actor"), `${t(`actorKind.${event.actorKind}`)}${event.actorId ? ` · ${event.actorId}` : ""}`],
  ];
  if (userId !== null)
    facts.push([t("fact.user"), <Only key="u" id={userId} onOnly={() => onFilter({ user: userId })} />]);
  if (grantId !== null)
    facts.push([t("fact.grant"), <Only key="g" id={grantId} onOnly={() => onFilter({ grant: grantId })} />]);
  if (event.targetId !== null) facts.push([sayTarget(event.targetKind), event.targetId]);
  if (event.sourceIp !== null) facts.push([t("fact.from"), event.sourceIp]);
  if (event.userAgent !== null) facts.push([t("fact.program"), event.userAgent]);
  for (const [name, value] of Object.entries(event.details))
    if (value !== null) facts.push(sayDetail(name, value));
  return <Facts facts={facts} />;
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

"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Ago, Moment } from "@/components/i18n/time";
import { useFilters } from "@/components/list/filters";
import { readJson } from "@/components/read-json";
import { Badge, type Tone } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { EmptyState, Notice } from "@/components/ui/state";
import { EndpointActs } from "./endpoint-acts";
import { messageFilters } from "./filter-names";
import { beatMs, endpointsKey } from "./keys";
import type { Endpoint, EndpointActions } from "./views";

/** Who is told, how that goes, and what the reader may do about it. `acts`: null where that is nothing. */
export function EndpointList({ first, acts }: { first: Endpoint[]; acts: EndpointActions | null }) {
  const t = useTranslations("outgoing");
  const { renderedAt } = useReader();
  const { data, isError } = useQuery({
    queryKey: endpointsKey,
    queryFn: ({ signal }) => readJson<{ endpoints: Endpoint[] }>("/api/outgoing", {}, signal),
    initialData: { endpoints: first },
    initialDataUpdatedAt: renderedAt,
    refetchInterval: beatMs,
  });
  const live = data.endpoints.filter(({ endedAt }) => endedAt === null);
  const ended = data.endpoints.filter(({ endedAt }) => endedAt !== null);
  return (
    <div className="flex flex-col gap-3">
      {isError && <Notice tone="warn" title={t("stale")} />}
      <Card>
        {live.length === 0 ? (
          <EmptyState title={t("none")}>{acts !== null && t("noneHint")}</EmptyState>
        ) : (
          <ul aria-label={t("endpoints")}>
            {live.map((endpoint) => (
              <Line key={endpoint.id} endpoint={endpoint} acts={acts} />
            ))}
          </ul>
        )}
      </Card>
      {ended.length > 0 && <Ended endpoints={ended} />}
    </div>
  );
}

function Line({ endpoint, acts }: { endpoint: Endpoint; acts: EndpointActions | null }) {
  const t = useTranslations("outgoing");
  const { set } = useFilters(messageFilters);
  const { id, description, url, eventTypes, lastDeliveredAt, waiting, dead, previousUntil } = endpoint;
  const count = (state: "waiting" | "dead", number: number) =>
    number === 0 ? (
      <span>{t(`count.${state}`, { count: number })}</span>
    ) : (
      <button
        type="button"
        className={`font-medium hover:underline ${state === "dead" ? "text-danger" : "text-accent"}`}
        onClick={() => set({ endpoint: id, state, type: null })}
      >
        {t(`count.${state}`, { count: number })}
      </button>
    );
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 border-b px-4 py-3.5 last:border-b-0">
      <div className="flex min-w-0 flex-1 basis-96 flex-col gap-1.5">
        <h2 className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-semibold text-sm">
          <span className="min-w-0 break-words">{description}</span>
          <State endpoint={endpoint} />
        </h2>
        <p className="break-all font-mono text-ink-soft text-xs">{url}</p>
        <ul aria-label={t("toldOf")} className="flex flex-wrap gap-1">
          {eventTypes.map((type) => (
            <li
              key={type}
              title={t(`type.${type}`)}
              className="rounded bg-sunken px-1.5 py-0.5 font-mono text-2xs"
            >
              {type}
            </li>
          ))}
        </ul>
        <p className="flex flex-wrap gap-x-4 gap-y-0.5 text-ink-soft text-xs tabular-nums">
          <span>
            {lastDeliveredAt === null
              ? t("neverDelivered")
              : t.rich("lastDelivered", { ago: () => <Ago at={lastDeliveredAt} /> })}
          </span>
          {count("waiting", waiting)}
          {count("dead", dead)}
          {previousUntil !== null && (
            <span>{t.rich("bothSecrets", { at: () => <Moment at={previousUntil} /> })}</span>
          )}
        </p>
      </div>
      {acts !== null && <EndpointActs endpoint={endpoint} acts={acts} />}
    </li>
  );
}

function State({ endpoint: { disabledReason, disabledAt, failingSince } }: { endpoint: Endpoint }) {
  const t = useTranslations("outgoing.state");
  const at = disabledAt ?? failingSince;
  const [tone, word]: [Tone, string] =
    disabledReason !== null
      ? [disabledReason === "staff" ? "neutral" : "danger", t(`disabled.${disabledReason}`)]
      : failingSince !== null
        ? ["warn", t("failing")]
        : ["ok", t("active")];
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {at !== null && (
        <span className="font-normal text-ink-soft text-xs">
          {t.rich("since", { at: () => <Moment at={at} /> })}
        </span>
      )}
    </>
  );
}

function Ended({ endpoints }: { endpoints: readonly Endpoint[] }) {
  const t = useTranslations("outgoing");
  return (
    <details className="text-sm">
      <summary className="w-fit cursor-pointer text-ink-soft text-xs">
        {t("ended", { count: endpoints.length })}
      </summary>
      <ul className="mt-1.5 flex flex-col gap-1 text-xs">
        {endpoints.map(({ id, description, url, endedAt }) => (
          <li key={id} className="flex flex-wrap gap-x-3">
            <span className="font-medium">{description}</span>
            <span className="break-all font-mono text-ink-soft">{url}</span>
            {endedAt !== null && (
              <span className="text-ink-soft">
                <Moment at={endedAt} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Moment } from "@/components/i18n/time";
import { readJson } from "@/components/read-json";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Progress } from "@/components/ui/progress";
import { EmptyState, Notice } from "@/components/ui/state";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import type { ListedImport, listImports } from "@/lib/imports/read";
import { isMoving, toneOf } from "./words";

/** What the page `/directory` shows, as it travels. */
export type OverviewView = Awaited<ReturnType<typeof listImports>>;

const beatMs = { moving: 1_500, still: 15_000 };

/**
 * Where people come from, what is read by itself (`directory`), what brings in more (`children`), and the last imports, as they move.
 * `about`: what to do where there is none.
 */
export function Overview({
  first,
  about,
  directory,
  children,
}: {
  first: OverviewView;
  about: string | null;
  directory: ReactNode;
  children: ReactNode;
}) {
  const t = useTranslations("directory");
  const { renderedAt } = useReader();
  const { data, isError } = useQuery({
    queryKey: ["imports"],
    queryFn: ({ signal }) => readJson<OverviewView>("/api/directory/imports", {}, signal),
    initialData: first,
    initialDataUpdatedAt: renderedAt,
    refetchInterval: ({ state }) =>
      state.data?.imports.some((each) => isMoving(each.state)) ? beatMs.moving : beatMs.still,
  });
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {isError && <Notice tone="warn" title={t("stale")} />}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Sources sources={data.sources} imports={data.imports} />
          {directory}
        </div>
        {children}
      </div>
      <Card titleId="imports-title" title={t("history")}>
        {data.imports.length === 0 ? (
          <EmptyState title={t("noImports")}>{about}</EmptyState>
        ) : (
          <History imports={data.imports} />
        )}
      </Card>
    </div>
  );
}

function Sources({ sources, imports }: OverviewView) {
  const t = useTranslations("directory");
  const { formats } = useReader();
  return (
    <Card titleId="sources-title" title={t("sources")}>
      {sources.length === 0 ? (
        <EmptyState title={t("nobody")} />
      ) : (
        <dl className="grid grid-cols-[repeat(auto-fit,minmax(11rem,1fr))] gap-x-6 gap-y-4 px-4 py-3.5">
          {sources.map(({ source, people, enabled }) => {
            const last = imports.find(({ kind, state }) => kind === source && state === "done");
            return (
              <div key={source}>
                <dt className="text-ink-soft text-xs">{t(`sourceOf.${source}`)}</dt>
                <dd>
                  <span className="font-semibold text-xl tabular-nums">{formats.number(people)}</span>
                  <span className="block text-ink-soft text-xs">{t("enabled", { enabled })}</span>
                  {last?.endedAt != null && (
                    <span className="block text-ink-soft text-xs">
                      {t("last")} <Moment at={last.endedAt} />
                    </span>
                  )}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </Card>
  );
}

function History({ imports }: { imports: readonly ListedImport[] }) {
  const t = useTranslations("directory");
  const { formats } = useReader();
  return (
    <Table label={t("history")}>
      <Heads>
        <Head>{t("what")}</Head>
        <Head>{t("state")}</Head>
        <Head className="text-right">{t("count.added")}</Head>
        <Head className="text-right">{t("count.changed")}</Head>
        <Head className="text-right">{t("count.disabled")}</Head>
        <Head className="text-right">{t("count.refused")}</Head>
        <Head>{t("askedBy")}</Head>
      </Heads>
      <tbody>
        {imports.map(({ id, kind, label, state, progress, hasWritten, counts, askedBy, createdAt }) => (
          <Row key={id}>
            <Cell className="min-w-40">
              <Link
                href={`/directory/${id}`}
                className="block max-w-72 truncate font-medium underline-offset-2 hover:underline"
              >
                {label === "" ? t(`kindOf.${kind}`) : label}
              </Link>
              <span className="block text-ink-soft text-xs">{t(`kindOf.${kind}`)}</span>
            </Cell>
            <Cell className="min-w-32">
              <Badge tone={toneOf[state]}>{t(`stateOf.${state}`)}</Badge>
              {isMoving(state) && progress !== null && (
                <div className="mt-1.5 w-28">
                  <Progress value={progress} label={t("progress")} />
                </div>
              )}
            </Cell>
            {[counts.added, (counts.changed ?? 0) + (counts.enabled ?? 0), counts.disabled].map(
              (count, at) => (
                <Cell key={at} className={`text-right tabular-nums ${hasWritten ? "" : "text-ink-soft"}`}>
                  {hasWritten || state === "waiting" ? formats.number(count ?? 0) : "–"}
                </Cell>
              ),
            )}
            <Cell className="text-right tabular-nums">{formats.number(counts.refused ?? 0)}</Cell>
            <Cell className="whitespace-nowrap">
              <Moment at={createdAt} />
              <span className="block text-ink-soft text-xs">{askedBy.name ?? askedBy.kind}</span>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

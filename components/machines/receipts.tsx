"use client";

import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { LoadMore } from "@/components/list/load-more";
import { usePages } from "@/components/list/pages";
import { readJson } from "@/components/read-json";
import { Badge, type Tone } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/state";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import type { Plain } from "@/components/users/call-view";
import type { ReceiptOutcome } from "@/lib/machines/wire";
import type { ReceiptPage } from "@/lib/offline/list-receipts";

type Page = Plain<ReceiptPage>;
type Receipt = Page["receipts"][number];

/** Below this it was handed in as it was given. */
const atOnceSeconds = 120;

const toneOf = (outcome: ReceiptOutcome): Tone =>
  outcome === "yes" ? "ok" : outcome === "wrong" || outcome === "back_off" ? "warn" : "neutral";

/** What a machine answered without a network, the newest first: by its own clock, and when it told. */
export function Receipts({ machineId, first, hasLog }: { machineId: string; first: Page; hasLog: boolean }) {
  const t = useTranslations("machines.receipts");
  // The machine's page is read again by itself, and brings the first ones with it.
  const query = usePages(["receipts", machineId, String(first.receipts[0]?.id)], {
    first,
    read: (before: number | null, signal) =>
      readJson<Page>(`/api/machines/${machineId}/receipts`, { before: before?.toString() }, signal),
    cursorOf: (page) => page.next,
  });
  const receipts = query.data.pages.flatMap((page) => page.receipts);
  return (
    <Card titleId="receipts-title" title={t("title")}>
      {receipts.length === 0 ? (
        <EmptyState title={t("none.title")}>{t("none.hint")}</EmptyState>
      ) : (
        <>
          <Table label={t("title")}>
            <Heads>
              <Head>{t("column.at")}</Head>
              <Head>{t("column.received")}</Head>
              <Head>{t("column.who")}</Head>
              <Head>{t("column.answer")}</Head>
              <Head>{t("column.code")}</Head>
              <Head className="text-right">{t("column.number")}</Head>
            </Heads>
            <tbody>
              {receipts.map((receipt) => (
                <Line key={receipt.id} receipt={receipt} hasLog={hasLog} />
              ))}
            </tbody>
          </Table>
          <div className="border-t px-4 pb-3">
            <LoadMore
              shown={receipts.length}
              more={query.hasNextPage}
              busy={query.isFetchingNextPage}
              failed={query.isFetchNextPageError}
              onMore={() => void query.fetchNextPage()}
            />
          </div>
        </>
      )}
    </Card>
  );
}

function Line({ receipt, hasLog }: { receipt: Receipt; hasLog: boolean }) {
  const t = useTranslations("machines.receipts");
  const { formats, renderedAt } = useReader();
  const { at, receivedAt, user, outcome, slotNumber, grantId } = receipt;
  const seconds = (Date.parse(receivedAt) - Date.parse(at)) / 1000;
  return (
    <Row>
      <Cell className="whitespace-nowrap">
        <time dateTime={at} title={formats.exact(new Date(at))} className="tabular-nums">
          {formats.moment(new Date(at), new Date(renderedAt))}
          <span className="text-ink-soft">{formats.clockSeconds(new Date(at)).slice(5)}</span>
        </time>
      </Cell>
      <Cell className="whitespace-nowrap">
        <time dateTime={receivedAt} title={formats.exact(new Date(receivedAt))} className="tabular-nums">
          {formats.moment(new Date(receivedAt), new Date(renderedAt))}
        </time>
        <span className="block text-ink-soft text-xs">
          {Math.abs(seconds) < atOnceSeconds ? t("atOnce") : t("late", { span: formats.span(seconds) })}
        </span>
      </Cell>
      <Cell>
        {user === null ? (
          <span className="text-ink-soft">{t("unknown")}</span>
        ) : (
          <Link href={`/users/${user.id}`} prefetch={false} className="hover:underline">
            {user.displayName}
          </Link>
        )}
      </Cell>
      <Cell>
        <Badge tone={toneOf(outcome)}>{t(`outcome.${outcome}`)}</Badge>
      </Cell>
      <Cell className="whitespace-nowrap text-xs">
        {slotNumber === null ? <span className="text-ink-soft">–</span> : t("slot", { number: slotNumber })}
        {grantId !== null && hasLog && (
          <Link
            href={`/audit?grant=${grantId}`}
            prefetch={false}
            className="block font-medium text-accent hover:underline"
          >
            {t("log")}
          </Link>
        )}
      </Cell>
      <Cell className="text-right font-mono text-ink-soft text-xs">{receipt.seq}</Cell>
    </Row>
  );
}

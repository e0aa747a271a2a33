"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { Fragment, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Moment } from "@/components/i18n/time";
import { useFilters } from "@/components/list/filters";
import { LoadMore } from "@/components/list/load-more";
import { readJson } from "@/components/read-json";
import { EmptyState } from "@/components/ui/state";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import type { GrantView } from "@/components/users/call-view";
import { GrantEnd } from "@/components/users/grant-end";
import { grantFilters } from "./filter-names";

interface Page {
  grants: GrantView[];
  nextCursor: string | null;
}

/** What was issued, to whom, by whom, why and how it stands, newest first. */
export function GrantList({ first, hasLog }: { first: Page; hasLog: boolean }) {
  const t = useTranslations("grants");
  const give = useTranslations("user.give");
  const { values, set, isPending } = useFilters(grantFilters);
  const [open, setOpen] = useState<string | null>(null);
  const query = useInfiniteQuery({
    queryKey: ["grants", values, first.grants[0]?.id],
    queryFn: ({ pageParam, signal }) =>
      readJson<Page>("/api/grants", { ...values, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    initialData: { pages: [first], pageParams: [null] },
    getNextPageParam: (page) => page.nextCursor,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const grants = query.data.pages.flatMap((page) => page.grants);
  if (grants.length === 0)
    return (
      <div className="rounded-xl border bg-surface">
        <EmptyState title={t("empty.title")}>{t("empty.hint")}</EmptyState>
      </div>
    );
  return (
    <>
      <div className={`rounded-xl border bg-surface ${isPending ? "opacity-60" : ""}`} aria-busy={isPending}>
        <Table label={t("title")}>
          <Heads>
            <Head>{t("when")}</Head>
            <Head>{t("user")}</Head>
            <Head>{t("method")}</Head>
            <Head>{t("state")}</Head>
            <Head>{t("reason")}</Head>
            <Head>{t("issuer")}</Head>
            <Head>{t("until")}</Head>
            <Head>{t("uses")}</Head>
            <Head>
              <span className="sr-only">{t("more")}</span>
            </Head>
          </Heads>
          <tbody>
            {grants.map((grant) => {
              const isOpen = open === grant.id;
              const { issuer, user } = grant;
              return (
                <Fragment key={grant.id}>
                  <Row className={isOpen ? "border-b-0 bg-sunken/60" : ""}>
                    <Cell className="whitespace-nowrap">
                      <Moment at={grant.createdAt} />
                    </Cell>
                    <Cell>
                      <Link
                        href={`/users/${user.id}`}
                        prefetch={false}
                        className="font-medium hover:underline"
                      >
                        {user.displayName}
                      </Link>
                      <span className="block text-ink-soft text-xs">{user.login}</span>
                    </Cell>
                    <Cell className="whitespace-nowrap">{give(`methods.${grant.method}`)}</Cell>
                    <Cell>
                      <GrantEnd state={grant.state} />
                    </Cell>
                    <Cell className="whitespace-nowrap">
                      {give(`reasons.${grant.reason}`)}
                      {grant.ticket && (
                        <span className="block font-mono text-ink-soft text-xs">{grant.ticket}</span>
                      )}
                    </Cell>
                    <Cell>
                      {issuer.id === null ? (
                        <span className="text-ink-soft">{issuer.label ?? t("bySystem")}</span>
                      ) : (
                        <button
                          type="button"
                          className="text-left hover:underline"
                          title={t("by", { name: issuer.label ?? issuer.id })}
                          onClick={() => set({ issuerId: issuer.id })}
                        >
                          {issuer.label ?? issuer.id}
                        </button>
                      )}
                    </Cell>
                    <Cell className="whitespace-nowrap">
                      <Moment at={grant.expiresAt} />
                    </Cell>
                    <Cell className="whitespace-nowrap tabular-nums">
                      {grant.usesMax === null
                        ? t("usesOpen", { count: grant.usesCount })
                        : t("usesOf", { count: grant.usesCount, max: grant.usesMax })}
                    </Cell>
                    <Cell className="w-10 text-right">
                      <button
                        type="button"
                        aria-expanded={isOpen}
                        aria-controls={`grant-${grant.id}`}
                        aria-label={t("details", { name: user.displayName })}
                        onClick={() => setOpen(isOpen ? null : grant.id)}
                        className="size-7 rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
                      >
                        <span aria-hidden="true">{isOpen ? "−" : "+"}</span>
                      </button>
                    </Cell>
                  </Row>
                  {isOpen && (
                    <tr id={`grant-${grant.id}`} className="border-b bg-sunken/60">
                      <td colSpan={9} className="px-4 pb-3">
                        <Details
                          grant={grant}
                          hasLog={hasLog}
                          onUser={() => set({ userId: user.id })}
                          ofUser={t("ofUser", { name: user.displayName })}
                        />
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
        shown={grants.length}
        more={query.hasNextPage}
        busy={query.isFetchingNextPage}
        failed={query.isFetchNextPageError}
        onMore={() => void query.fetchNextPage()}
      />
    </>
  );
}

function Details({
  grant,
  hasLog,
  ofUser,
  onUser,
}: {
  grant: GrantView;
  hasLog: boolean;
  ofUser: string;
  onUser: () => void;
}) {
  const t = useTranslations("grants.fact");
  const user = useTranslations("user");
  const { formats } = useReader();
  const exact = (at: string) => formats.exact(new Date(at));
  const { code, lastDelivery } = grant;
  const facts: [string, ReactNode][] = [
    [
      t("id"),
      <span key="id" className="font-mono">
        {grant.id}
      </span>,
    ],
    [t("window"), `${exact(grant.startsAt)} – ${exact(grant.expiresAt)}`],
  ];
  if (grant.reasonNote) facts.push([t("note"), grant.reasonNote]);
  if (code !== null) {
    facts.push([t("form"), user(`give.forms.${code.form}`)]);
    if (code.offlineExpiresAt !== null) facts.push([t("offline"), exact(code.offlineExpiresAt)]);
    if (code.slotNumber !== null) facts.push([t("slot"), String(code.slotNumber)]);
  }
  if (grant.lastUsedAt !== null) facts.push([t("lastUsed"), exact(grant.lastUsedAt)]);
  if (grant.endedAt !== null) facts.push([t("ended"), exact(grant.endedAt)]);
  if (grant.endReason !== null) {
    const key = `end.reasons.${grant.endReason}` as "end.reasons.found";
    facts.push([t("endReason"), user.has(key) ? user(key) : grant.endReason]);
  }
  if (grant.replacedById !== null)
    facts.push([
      t("replacedBy"),
      <span key="r" className="font-mono">
        {grant.replacedById}
      </span>,
    ]);
  if (lastDelivery !== null)
    facts.push([
      t("delivery"),
      [user(`way.state.${lastDelivery.state}`), lastDelivery.failure].filter(Boolean).join(", "),
    ]);
  facts.push([t("policy"), String(grant.policyVersion)]);
  return (
    <>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1 text-xs md:grid-cols-[max-content_minmax(0,1fr)_max-content_minmax(0,1fr)]">
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt className="text-ink-soft">{name}</dt>
            <dd className="break-words">{value}</dd>
          </Fragment>
        ))}
      </dl>
      <p className="mt-2 flex flex-wrap gap-x-4 text-xs">
        <button type="button" onClick={onUser} className="font-medium text-accent hover:underline">
          {ofUser}
        </button>
        {hasLog && (
          <Link href={`/audit?grant=${grant.id}`} className="font-medium text-accent hover:underline">
            {t("log")}
          </Link>
        )}
      </p>
    </>
  );
}

"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Moment } from "@/components/i18n/time";
import { useFilters } from "@/components/list/filters";
import { Facts, OpeningList } from "@/components/list/opening-list";
import { usePages } from "@/components/list/pages";
import { readJson } from "@/components/read-json";
import { Cell } from "@/components/ui/table";
import { Unspaced } from "@/components/ui/unspaced";
import type { GrantView } from "@/components/users/call-view";
import { GrantEnd, useEndReason } from "@/components/users/grant-end";
import { grantFilters } from "./filter-names";

interface Page {
  grants: GrantView[];
  nextCursor: string | null;
}

/** What was issued, to whom, by whom, why and how it stands, newest first. */
export function GrantList({ first, hasLog }: { first: Page; hasLog: boolean }) {
  const t = useTranslations("grants");
  const { values, set, isPending } = useFilters(grantFilters);
  const query = usePages(["grants"], {
    first,
    read: (cursor: string | null, signal) => readJson<Page>("/api/grants", { ...values, cursor }, signal),
    cursorOf: (page) => page.nextCursor,
  });
  const grants = query.data.pages.flatMap((page) => page.grants);
  return (
    <OpeningList
      label={t("title")}
      heads={[
        t("when"),
        t("user"),
        [t("method"), "hidden md:table-cell"],
        t("state"),
        [t("reason"), "hidden lg:table-cell"],
        [t("issuer"), "hidden lg:table-cell"],
        [t("until"), "hidden xl:table-cell"],
        [t("uses"), "hidden xl:table-cell"],
      ]}
      more={t("more")}
      items={grants}
      toId={(grant) => grant.id}
      toOpenLabel={(grant) => t("details", { name: grant.user.displayName })}
      toCells={(grant) => <Line grant={grant} onIssuer={(issuerId) => set({ issuerId })} />}
      toDetails={(grant) => (
        <Details
          grant={grant}
          hasLog={hasLog}
          onUser={() => set({ userId: grant.user.id })}
          ofUser={t("ofUser", { name: grant.user.displayName })}
        />
      )}
      empty={{ title: t("empty.title"), hint: t("empty.hint") }}
      isPending={isPending}
      paging={query}
    />
  );
}

function Line({ grant, onIssuer }: { grant: GrantView; onIssuer: (id: string) => void }) {
  const t = useTranslations("grants");
  const give = useTranslations("user.give");
  const { issuer, user } = grant;
  return (
    <>
      <Cell className="sm:whitespace-nowrap">
        <Moment at={grant.createdAt} />
        <span className="block text-ink-soft text-xs md:hidden">{give(`methods.${grant.method}`)}</span>
      </Cell>
      <Cell className="[overflow-wrap:anywhere]">
        <Link href={`/users/${user.id}`} prefetch={false} className="font-medium hover:underline">
          {user.displayName}
        </Link>
        <span className="block text-ink-soft text-xs">
          <Unspaced>{user.login}</Unspaced>
        </span>
      </Cell>
      <Cell className="hidden whitespace-nowrap md:table-cell">{give(`methods.${grant.method}`)}</Cell>
      <Cell>
        <GrantEnd state={grant.state} />
      </Cell>
      <Cell className="hidden whitespace-nowrap lg:table-cell">
        {give(`reasons.${grant.reason}`)}
        {grant.ticket && <span className="block font-mono text-ink-soft text-xs">{grant.ticket}</span>}
      </Cell>
      <Cell className="hidden lg:table-cell">
        {issuer.id === null || issuer.kind === "system" ? (
          <span className="text-ink-soft">{issuer.label ?? t("bySystem")}</span>
        ) : (
          <button
            type="button"
            className="text-left hover:underline"
            title={t("by", { name: issuer.label ?? issuer.id })}
            onClick={() => onIssuer(issuer.id ?? "")}
          >
            {issuer.label ?? issuer.id}
          </button>
        )}
      </Cell>
      <Cell className="hidden whitespace-nowrap xl:table-cell">
        <Moment at={grant.expiresAt} />
      </Cell>
      <Cell className="hidden whitespace-nowrap tabular-nums xl:table-cell">{sayUses(t, grant)}</Cell>
    </>
  );
}

function sayUses(t: ReturnType<typeof useTranslations<"grants">>, { usesCount, usesMax }: GrantView): string {
  return usesMax === null
    ? t("usesOpen", { count: usesCount })
    : t("usesOf", { count: usesCount, max: usesMax });
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
  const column = useTranslations("grants");
  const user = useTranslations("user");
  const sayWhy = useEndReason();
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
    [column("reason"), [user(`give.reasons.${grant.reason}`), grant.ticket].filter(Boolean).join(", ")],
    [
      column("issuer"),
      grant.issuer.label ?? (grant.issuer.kind === "system" ? null : grant.issuer.id) ?? column("bySystem"),
    ],
    [column("uses"), sayUses(column, grant)],
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
  if (grant.endReason !== null) facts.push([t("endReason"), sayWhy(grant.endReason)]);
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
      <Facts facts={facts} />
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

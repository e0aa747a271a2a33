"use client";

import { useTranslations } from "use-intl/react";
import { Moment } from "@/components/i18n/time";
import { Card } from "@/components/ui/card";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import type { GrantView, ReachView } from "./call-view";
import { GrantEnd, useEndReason } from "./grant-end";

/** The emergency access that the user had, newest first, so that the third call of a month is seen. */
export function Before({
  before,
  reach,
  recentCount,
}: {
  before: readonly GrantView[];
  reach: readonly ReachView[];
  recentCount: number;
}) {
  const t = useTranslations("user");
  const sayWhy = useEndReason();
  const sayIssuer = ({ issuer }: GrantView) => issuer.label ?? t("live.bySystem");
  const countOpen = (grantId: string) =>
    reach.find((code) => code.grantId === grantId)?.machines.filter(({ state }) => state === "may_work")
      .length ?? 0;
  return (
    <Card
      titleId="before-title"
      title={t("before.title")}
      aside={
        <span className={recentCount >= 3 ? "font-medium text-warn" : ""}>
          {t("before.recent", { count: recentCount })}
        </span>
      }
    >
      {before.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-soft">
          {t(recentCount === 0 ? "before.nothing" : "before.noneEnded")}
        </p>
      ) : (
        <Table label={t("before.title")}>
          <Heads>
            <Head>{t("before.when")}</Head>
            <Head>{t("before.method")}</Head>
            <Head className="hidden sm:table-cell">{t("before.reason")}</Head>
            <Head className="hidden sm:table-cell">{t("before.by")}</Head>
            <Head>{t("before.end")}</Head>
          </Heads>
          <tbody>
            {before.map((grant) => (
              <Row key={grant.id}>
                <Cell className="whitespace-nowrap">
                  <Moment at={grant.createdAt} />
                </Cell>
                <Cell>
                  {t(`give.methods.${grant.method}`)}
                  <span className="mt-0.5 block text-ink-soft text-xs sm:hidden">
                    {t("live.by", { name: sayIssuer(grant), reason: t(`give.reasons.${grant.reason}`) })}
                    {grant.ticket && <span className="block break-all font-mono">{grant.ticket}</span>}
                  </span>
                </Cell>
                <Cell className="hidden sm:table-cell" title={grant.reasonNote ?? undefined}>
                  {t(`give.reasons.${grant.reason}`)}
                  {grant.ticket && (
                    <span className="ml-2 font-mono text-ink-soft text-xs">{grant.ticket}</span>
                  )}
                </Cell>
                <Cell className="hidden sm:table-cell">{sayIssuer(grant)}</Cell>
                <Cell>
                  <GrantEnd state={grant.state} />
                  {grant.endReason !== null && (
                    <span className="mt-0.5 block text-ink-soft text-xs">{sayWhy(grant.endReason)}</span>
                  )}
                  {countOpen(grant.id) > 0 && (
                    <span className="mt-0.5 hidden text-warn text-xs sm:block">
                      {t("offline.history", { count: countOpen(grant.id) })}
                    </span>
                  )}
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}

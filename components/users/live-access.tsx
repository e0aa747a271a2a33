"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Moment, ValidUntil } from "@/components/i18n/time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import type { Method } from "@/lib/policy/model";
import type { GrantView, ReachView } from "./call-view";

/** What emergency access the user has now, and the ends of it: one, or all because the authenticator was found again. */
export function LiveAccess({
  live,
  reach,
  userZone,
  otpUrl,
  shownGrantId,
  sendable,
  mayRevoke,
  onSendAgain,
  onRevoke,
  onEndAll,
}: {
  live: readonly GrantView[];
  reach: readonly ReachView[];
  userZone: string | null;
  /** Where the user gets back in. */
  otpUrl: string;
  /** The grant whose code is on the screen. */
  shownGrantId: string | null;
  /** The methods that may be given to this user now. */
  sendable: readonly Method[];
  mayRevoke: boolean;
  onSendAgain: (grant: GrantView) => Promise<void>;
  onRevoke: (grant: GrantView) => void;
  onEndAll: () => void;
}) {
  const t = useTranslations("user");
  const { formats, renderedAt } = useReader();
  const [sending, setSending] = useState<string | null>(null);
  const sendAgain = async (grant: GrantView) => {
    setSending(grant.id);
    await onSendAgain(grant);
    setSending(null);
  };
  const listOffline = (grantId: string) =>
    (reach.find((code) => code.grantId === grantId)?.machines ?? [])
      .filter(({ state }) => state === "may_work")
      .map(({ name, until }) => {
        const at = formats.moment(new Date(until), new Date(renderedAt));
        return t("offline.liveOne", { name, until: at });
      })
      .join(", ");
  return (
    <Card
      titleId="live-title"
      title={
        <>
          {t("live.title")} <Badge tone="warn">{t("live.count", { count: live.length })}</Badge>
        </>
      }
      aside={
        mayRevoke && (
          <Button size="sm" onClick={onEndAll} data-command={t("live.endAll")}>
            {t("live.endAll")}
          </Button>
        )
      }
    >
      <ul className="divide-y">
        {live.map((grant) => (
          <li
            key={grant.id}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-2.5 sm:flex-nowrap"
          >
            <div className="min-w-0">
              <p>
                <strong className="font-semibold">{t(`give.methods.${grant.method}`)}</strong>
                {", "}
                <ValidUntil at={grant.expiresAt} userZone={userZone} /> ·{" "}
                {t(`code.uses.${grant.usesMax === 1 ? "once" : "reusable"}`)}
                {" · "}
                {grant.usesCount > 0 && grant.lastUsedAt !== null
                  ? t.rich("live.used", {
                      count: grant.usesCount,
                      at: () => <Moment at={grant.lastUsedAt as string} />,
                    })
                  : t("live.unused")}
                {grant.code !== null && grant.code.wrongCount > 0 && (
                  <>
                    {" · "}
                    <strong className="whitespace-nowrap font-medium text-warn">
                      {t("live.wrong", { count: grant.code.wrongCount })}
                    </strong>
                  </>
                )}
              </p>
              <p className="text-ink-soft text-xs">
                {t("live.by", {
                  name: grant.issuer.label ?? t("live.bySystem"),
                  reason: t(`give.reasons.${grant.reason}`),
                })}
                {grant.ticket && (
                  <>
                    {" · "}
                    <span className="font-mono">{grant.ticket}</span>
                  </>
                )}
                {grant.method === "access_code" && grant.id !== shownGrantId && <> · {t("live.notShown")}</>}
              </p>
              {listOffline(grant.id) !== "" && (
                <p className="text-ink-soft text-xs first-letter:uppercase">
                  {t("offline.live", { machines: listOffline(grant.id) })}
                </p>
              )}
            </div>
            <div className="flex gap-2">
              {grant.method !== "access_code" && sendable.includes(grant.method) && (
                <Button
                  size="sm"
                  busy={sending === grant.id}
                  onClick={() => void sendAgain(grant)}
                  data-command={t(`again.${grant.method}`)}
                >
                  {t(`again.${grant.method}`)}
                </Button>
              )}
              {mayRevoke && (
                <Button
                  size="sm"
                  variant="danger"
                  onClick={() => onRevoke(grant)}
                  data-command={t("live.revokeOne", { method: t(`give.methods.${grant.method}`) })}
                >
                  {t("code.revoke")}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ul>
      <p className="border-t px-4 py-2.5 text-ink-soft text-xs">
        {t.rich("live.where", {
          url: () => <strong className="select-all break-all font-medium text-ink">{otpUrl}</strong>,
        })}
      </p>
    </Card>
  );
}

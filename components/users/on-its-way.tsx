"use client";

import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useNow } from "@/components/i18n/time";
import { Card } from "@/components/ui/card";
import type { DeliveryView } from "@/lib/delivery/list";
import type { NoticeKind } from "@/lib/delivery/message";
import type { DeliveryState } from "@/lib/delivery/model";
import type { AskView } from "./call-view";

/** How many are shown; older ones are history. */
const shownMax = 6;

/** So long what to do next about a failure is said, where nothing was sent since. */
const advisedMs = 15 * 60_000;

const dots: Record<DeliveryState, string> = {
  queued: "border-2 border-ink-soft",
  sending: "border-2 border-accent animate-pulse",
  sent: "bg-accent",
  delivered: "bg-ok",
  failed: "bg-danger",
  unknown: "border-2 border-warn",
};

/** What was asked for in vain, and what has been sent to the user and how far each has come; it moves by itself. */
export function OnItsWay({
  deliveries,
  asksInVain,
  isMoving,
}: {
  deliveries: readonly DeliveryView[];
  asksInVain: readonly AskView[];
  isMoving: boolean;
}) {
  const t = useTranslations("user.way");
  const { formats, renderedAt } = useReader();
  const timeOf = (delivery: DeliveryView) =>
    delivery.deliveredAt ?? delivery.endedAt ?? delivery.sentAt ?? delivery.sendingAt ?? delivery.askedAt;
  const today = formats.day(new Date(renderedAt));
  const now = useNow();
  /** Nothing of its kind was sent since, and where everything failed, nothing has gone through since. */
  const isAdvised = (delivery: DeliveryView) =>
    delivery === deliveries.find(({ purpose }) => purpose === delivery.purpose) &&
    now - Date.parse(delivery.askedAt) < advisedMs &&
    !(
      delivery.failure?.nextStep === "access_code" &&
      deliveries.some(({ sentAt }) => sentAt !== null && sentAt > timeOf(delivery))
    );
  return (
    <Card titleId="way-title" title={t("title")} aside={isMoving ? t("moving") : undefined}>
      {asksInVain.length > 0 && (
        <ul aria-live="polite" className="flex flex-col gap-2 border-b px-4 py-3.5">
          {asksInVain.map((ask) => (
            <li key={ask.id} className="flex flex-wrap justify-between gap-x-4">
              <span>
                {t(`inVain.${ask.channel}`)}{" "}
                <span className="text-ink-soft text-xs">
                  {t.has(`inVain.because.${ask.because}` as "inVain.because.no_grant")
                    ? t(`inVain.because.${ask.because}` as "inVain.because.no_grant")
                    : t("inVain.because.other")}
                </span>
              </span>
              <time dateTime={ask.askedAt} className="text-ink-soft tabular-nums">
                {formats.clockSeconds(new Date(ask.askedAt))}
              </time>
            </li>
          ))}
        </ul>
      )}
      {deliveries.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-soft">{t("nothing")}</p>
      ) : (
        <ol aria-live="polite" className="flex flex-col gap-3 px-4 py-3.5">
          {deliveries.slice(0, shownMax).map((delivery) => {
            const at = new Date(timeOf(delivery));
            return (
              <li key={delivery.id} className="flex gap-3.5">
                <span
                  aria-hidden="true"
                  className={`mt-1.5 size-2.5 shrink-0 rounded-full ${dots[delivery.state]}`}
                />
                <div className="min-w-0 flex-1">
                  <p className="flex flex-wrap justify-between gap-x-4">
                    <span>
                      {delivery.purpose === "otp"
                        ? t(`otp.${delivery.channel}`, { to: delivery.to })
                        : t(`notice.${delivery.channel}`, {
                            to: delivery.to,
                            what: t(`about.${delivery.noticeKind as NoticeKind}`),
                          })}
                    </span>
                    <span
                      key={delivery.state}
                      className={`-mx-1 animate-arrive rounded-sm px-1 tabular-nums ${delivery.state === "failed" ? "font-medium text-danger" : delivery.state === "unknown" ? "font-medium text-warn" : "text-ink-soft"}`}
                    >
                      {t(`state.${delivery.state}`)}{" "}
                      <time dateTime={at.toISOString()} title={formats.exact(at)}>
                        {formats.day(at) === today
                          ? formats.clockSeconds(at)
                          : formats.moment(at, new Date(renderedAt))}
                      </time>
                    </span>
                  </p>
                  {delivery.failure !== null && (
                    <p className="text-ink-soft text-xs">
                      {t.has(`failure.${delivery.failure.kind}` as "failure.other")
                        ? t(`failure.${delivery.failure.kind}` as "failure.other")
                        : t("failure.other")}
                      {isAdvised(delivery) && (
                        <strong className="font-medium text-ink">
                          {" "}
                          {t(`next.${delivery.failure.nextStep}`)}
                        </strong>
                      )}
                    </p>
                  )}
                </div>
              </li>
            );
          })}
        </ol>
      )}
    </Card>
  );
}

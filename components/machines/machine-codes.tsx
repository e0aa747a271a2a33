"use client";

import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Moment, useNow } from "@/components/i18n/time";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import type { Plain } from "@/components/users/call-view";
import { GrantEnd } from "@/components/users/grant-end";
import type { MachineCode } from "@/lib/offline/machine-codes-store";

type Code = Plain<MachineCode>;

/** The codes that lie on a machine, each with the time in which it may still open it: a picture that empties. */
export function MachineCodes({ codes }: { codes: readonly Code[] }) {
  const t = useTranslations("machines.codes");
  const open = codes.filter(({ state }) => state === "may_work").length;
  return (
    <Card
      titleId="codes-title"
      title={
        <>
          {t("title")}
          {codes.length > 0 && <Badge tone={open > 0 ? "warn" : "ok"}>{t("count", { count: open })}</Badge>}
        </>
      }
    >
      {codes.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-soft">{t("none")}</p>
      ) : (
        <>
          <p className="px-4 pt-3 text-ink-soft text-xs">{t("about")}</p>
          <ul aria-live="polite" className="divide-y">
            {codes.map((code) => (
              <Line key={code.grantId} code={code} />
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function Line({ code }: { code: Code }) {
  const t = useTranslations("machines.codes");
  const { formats } = useReader();
  const now = useNow(60_000);
  const moment = (at: string) => formats.moment(new Date(at), new Date(now));
  const isOpen = code.state === "may_work" && Date.parse(code.until) > now;
  const whole = Math.max(1, Date.parse(code.until) - Date.parse(code.issuedAt));
  const left = isOpen ? Math.min(100, ((Date.parse(code.until) - now) / whole) * 100) : 0;
  return (
    <li className="grid items-center gap-x-5 gap-y-1.5 px-4 py-3 sm:grid-cols-[minmax(0,11rem)_minmax(0,1fr)_auto]">
      <div className="min-w-0">
        <Link
          href={`/users/${code.user.id}`}
          prefetch={false}
          className="block truncate font-medium hover:underline"
        >
          {code.user.displayName}
        </Link>
        <span className="block text-ink-soft text-xs">
          {t.rich("issued", { at: () => <Moment at={code.issuedAt} /> })}
        </span>
      </div>
      <div className="min-w-0">
        <p className={isOpen ? (code.endedAs === null ? "" : "text-warn") : "text-ink-soft"}>
          {isOpen
            ? t(code.endedAs === null ? "mayWork" : "mayStill", { at: moment(code.until) })
            : code.usedAt !== null
              ? t("used", { at: moment(code.usedAt) })
              : code.state === "reached" && code.at !== null
                ? t("reached", { at: moment(code.at) })
                : t("over", { at: moment(code.until) })}
        </p>
        <div aria-hidden="true" className="mt-1.5 h-2 overflow-hidden rounded-full bg-sunken">
          <div
            className="h-full rounded-full bg-warn transition-[width] duration-700 motion-reduce:transition-none"
            style={{ width: `${left}%` }}
          />
        </div>
      </div>
      <span className="justify-self-start sm:justify-self-end">
        <GrantEnd state={code.endedAs ?? "live"} />
      </span>
    </li>
  );
}

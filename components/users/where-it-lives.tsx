"use client";

import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import type { ReachView } from "./call-view";
import { GrantEnd } from "./grant-end";

/** How long a code that no machine can hold any more stays in the picture, so that its end is seen. */
const shownMs = 3_600_000;

type Machine = ReachView["machines"][number];

/** The codes that ended and that a machine without a network may still open by, and those of which that just ceased. */
export function listLingering(reach: readonly ReachView[], now: number): ReachView[] {
  return reach.filter(
    ({ endedAt, machines }) =>
      endedAt !== null &&
      (machines.some(({ state }) => state === "may_work") ||
        machines.some(({ at }) => at !== null && now - Date.parse(at) < shownMs)),
  );
}

/** A laptop that stands full while the code may work on it, and empties when it was reached. */
function Laptop({ isFull }: { isFull: boolean }) {
  return (
    <svg viewBox="0 0 32 24" aria-hidden="true" className="h-7 w-9 shrink-0 text-ink-soft">
      <rect x="5.5" y="3" width="21" height="14" rx="2" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M2 20.5h28" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
      <rect
        x="7.5"
        y="5"
        width="17"
        height="10"
        rx="0.75"
        className={`fill-warn transition-transform duration-700 motion-reduce:transition-none ${isFull ? "" : "scale-y-0"}`}
        style={{ transformBox: "fill-box", transformOrigin: "bottom" }}
      />
      {!isFull && (
        <path
          d="m12.5 10 2.5 2.5 4.5-5"
          fill="none"
          className="stroke-ok"
          strokeWidth="1.75"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}

function MachineState({ machine }: { machine: Machine }) {
  const t = useTranslations("user.offline");
  const { formats, renderedAt } = useReader();
  const moment = (at: string) => formats.moment(new Date(at), new Date(renderedAt));
  switch (machine.state) {
    case "may_work":
      return (
        <span className="text-warn">
          {t("mayWork", { until: moment(machine.until) })}
          {machine.machineEndedAs !== null && <> {t("neverReached")}</>}
        </span>
      );
    case "reached":
      return (
        <span className="text-ink-soft">
          {machine.usedAt === null
            ? t("reached", { at: moment(machine.at ?? machine.until) })
            : t("usedThere", { at: moment(machine.usedAt) })}
        </span>
      );
    case "over":
      return <span className="text-ink-soft">{t("over", { until: moment(machine.until) })}</span>;
  }
}

/**
 * Where codes that are dead online may still open a machine without a network: each machine by name, full while it may, empty
 * when it has reported.
 */
export function WhereItLives({ codes }: { codes: readonly ReachView[] }) {
  const t = useTranslations("user.offline");
  const { formats, renderedAt } = useReader();
  const open = codes.flatMap(({ machines }) => machines).filter(({ state }) => state === "may_work").length;
  return (
    <Card
      titleId="reach-title"
      title={
        <>
          {t("after")}{" "}
          <Badge tone={open > 0 ? "warn" : "ok"}>
            {open > 0 ? t("open", { count: open }) : t("nowhere")}
          </Badge>
        </>
      }
      aside={open > 0 ? t("empties") : undefined}
    >
      <ul aria-live="polite" className="divide-y">
        {codes.map(({ grantId, endedAs, endedAt, machines }) => (
          <li key={grantId} className="px-4 py-3">
            <p className="flex flex-wrap items-center gap-x-2 text-ink-soft text-xs">
              {endedAs !== null && <GrantEnd state={endedAs} />}
              {endedAt !== null && formats.moment(new Date(endedAt), new Date(renderedAt))}
              {" · "}
              {t("count", {
                done: machines.filter(({ state }) => state !== "may_work").length,
                count: machines.length,
              })}
            </p>
            <ul className="mt-2 grid gap-x-4 gap-y-2 sm:grid-cols-2">
              {machines.map((machine) => (
                <li key={machine.machineId} className="flex min-w-0 items-center gap-2.5">
                  <Laptop isFull={machine.state === "may_work"} />
                  <span className="min-w-0 text-xs">
                    <Link
                      href={`/machines/${machine.machineId}`}
                      prefetch={false}
                      className="block truncate font-semibold hover:underline"
                    >
                      {machine.name}
                    </Link>
                    <MachineState machine={machine} />
                  </span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </Card>
  );
}

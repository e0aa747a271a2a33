"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDetails } from "@/components/audit/use-details";
import { Moment } from "@/components/i18n/time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/state";
import { showToast } from "@/components/ui/toast";
import type { Plain } from "@/components/users/call-view";
import type { Alarm } from "@/lib/offline/alarms-store";
import { type RefusedAct, useMachineWords } from "./words";

/** An alarm as it travels to the screen. */
export type AlarmView = Plain<Alarm>;

/** Notes that somebody has looked at an alarm. */
export type SeeAlarm = (input: { alarmId: string }) => Promise<{ ok: true } | RefusedAct>;

/**
 * What about machines is not as it can be, the newest first, and what to do about it.
 * @param rights what the reader may do: look at alarms at all, and decide about those that only an owner may.
 * @param named whether the machine is named with each.
 */
export function Alarms({
  alarms,
  rights,
  named,
  see,
}: {
  alarms: readonly AlarmView[];
  rights: { manages: boolean; owns: boolean };
  named: boolean;
  see: SeeAlarm;
}) {
  const t = useTranslations("machines");
  const words = useMachineWords();
  const router = useRouter();
  const [busy, setBusy] = useState<string | null>(null);
  const [refused, setRefused] = useState<RefusedAct | null>(null);
  if (alarms.length === 0) return null;
  const open = alarms.filter(({ seenAt }) => seenAt === null).length;
  const look = async (alarmId: string) => {
    setBusy(alarmId);
    setRefused(null);
    const result = await see({ alarmId }).catch((): RefusedAct => ({ ok: false, reason: "no_answer" }));
    setBusy(null);
    if (!result.ok) setRefused(result);
    else {
      void showToast(t("alarms.done"));
      document.getElementById("main")?.focus({ preventScroll: true });
      router.refresh();
    }
  };
  return (
    <Card
      titleId="alarms-title"
      title={
        <>
          {t(named ? "alarms.title" : "alarms.titleOf")}
          {open > 0 && <Badge tone="danger">{open}</Badge>}
        </>
      }
    >
      {refused !== null && (
        <div className="px-4 pt-3">
          <Notice tone="danger" alert title={words(refused)} />
        </div>
      )}
      <ul className="divide-y">
        {alarms.map((alarm) => {
          const kind = t(`alarms.kind.${alarm.kind}.title`);
          const isOwners = alarm.kind === "from_the_future" && !rights.owns;
          const why = !rights.manages ? t("readOnly") : isOwners ? t("alarms.ownerNeeded") : null;
          return (
            <li
              key={alarm.id}
              className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 px-4 py-3"
            >
              <div className="min-w-0 flex-1 basis-72">
                <p className="flex flex-wrap items-baseline gap-x-2">
                  {named && (
                    <Link
                      href={`/machines/${alarm.machineId}`}
                      className="font-medium font-mono hover:underline"
                    >
                      {alarm.machineName}
                    </Link>
                  )}
                  <strong className="font-semibold">{kind}</strong>
                  <span className="text-ink-soft text-xs">
                    {t.rich("alarms.raised", { at: () => <Moment at={alarm.raisedAt} /> })}
                  </span>
                </p>
                <p className="mt-0.5 max-w-prose text-ink-soft text-xs">
                  {t(`alarms.kind.${alarm.kind}.hint`)}
                </p>
                <Details details={alarm.details} />
              </div>
              {alarm.seenAt === null ? (
                <div className="flex flex-col items-end gap-1">
                  <Button
                    size="sm"
                    busy={busy === alarm.id}
                    aria-label={t("alarms.seeing", { kind, machine: alarm.machineName })}
                    aria-disabled={why === null ? undefined : true}
                    aria-describedby={why === null ? undefined : `why-${alarm.id}`}
                    onClick={() => {
                      if (why === null) void look(alarm.id);
                    }}
                  >
                    {t("alarms.see")}
                  </Button>
                  {why !== null && (
                    <span id={`why-${alarm.id}`} className="text-ink-soft text-xs">
                      {why}
                    </span>
                  )}
                </div>
              ) : (
                <span className="text-ink-soft text-xs">
                  {t.rich("alarms.seenAt", { at: () => <Moment at={alarm.seenAt as string} /> })}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function Details({ details }: { details: AlarmView["details"] }) {
  const say = useDetails();
  const told = Object.entries(details).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [say(name, value).join(" ")],
  );
  if (told.length === 0) return null;
  return <p className="mt-1 break-words font-mono text-2xs text-ink-soft">{told.join(" · ")}</p>;
}

"use client";

import { useTranslations } from "use-intl/react";
import { BackLink } from "@/components/back-link";
import { useReader } from "@/components/i18n/reader-provider";
import { Ago, useNow } from "@/components/i18n/time";
import { Notice } from "@/components/ui/state";
import type { MachineDetails } from "@/lib/machines/read-store";
import { losses } from "./machine-acts";
import { decideMachineState } from "./machine-state";
import { StateBadge } from "./package-words";

/** A machine's name, how it stands, and of one that ended what may be left of it. */
export function MachineHeader({ machine }: { machine: MachineDetails }) {
  const t = useTranslations("machines");
  const state = decideMachineState(machine, useNow(60_000));
  return (
    <div className="mb-4">
      <BackLink href="/machines">{t("title")}</BackLink>
      <h1 className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 font-bold text-xl tracking-tight">
        <span className="font-mono">{machine.name}</span>
        <StateBadge machine={machine} />
      </h1>
      <p className="mt-1 text-ink-soft">
        {t(`stateHint.${state}`)}{" "}
        {machine.lastContactAt !== null && (
          <>
            {t("column.contact")}: <Ago at={machine.lastContactAt} />.
          </>
        )}
      </p>
      {machine.endedAs !== null && <Gone machine={machine} endedAs={machine.endedAs} />}
    </div>
  );
}

function Gone({ machine, endedAs }: { machine: MachineDetails; endedAs: "released" | "revoked" }) {
  const t = useTranslations("machines");
  const { formats } = useReader();
  const now = useNow(60_000);
  const moment = (at: string) => formats.moment(new Date(at), new Date(now));
  const end = machine.holdsUntil;
  const [word = "", ...rest] = (machine.endReason ?? "").split(": ");
  const loss = losses.find((each) => each === word);
  const because = loss === undefined ? machine.endReason : [t(`acts.whats.${loss}`), ...rest].join(": ");
  return (
    <div className="mt-3">
      <Notice
        tone={end !== null && Date.parse(end) > now ? "warn" : "neutral"}
        title={t(`gone.${endedAs}`, {
          at: moment(machine.endedAt ?? machine.enrolledAt),
          name: machine.endedBy ?? t("gone.nobody"),
        })}
      >
        {because && <p>{because}</p>}
        <p>
          {end !== null && Date.parse(end) > now ? t("gone.until", { at: moment(end) }) : t("gone.reached")}
        </p>
      </Notice>
    </div>
  );
}

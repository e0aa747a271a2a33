"use client";

import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useNow } from "@/components/i18n/time";
import { Badge } from "@/components/ui/badge";
import type { MachineView } from "@/lib/machines/read-store";
import { decideMachineState, toneOfMachine } from "./machine-state";

/** How a machine stands, in a word. */
export function StateBadge({ machine }: { machine: Pick<MachineView, "endedAs" | "storedNotAfter"> }) {
  const t = useTranslations("machines.state");
  const state = decideMachineState(machine, useNow(60_000));
  return <Badge tone={toneOfMachine[state]}>{t(state)}</Badge>;
}

/** How old the package is that a machine stores, and until when it is good. */
export function PackageWords({
  machine,
}: {
  machine: Pick<MachineView, "storedAt" | "storedNotAfter" | "endedAs">;
}) {
  const t = useTranslations("machines.package");
  const { formats } = useReader();
  const now = useNow(60_000);
  const { storedAt, storedNotAfter } = machine;
  if (storedAt === null || storedNotAfter === null) return <span className="text-ink-soft">{t("none")}</span>;
  const end = new Date(storedNotAfter);
  return (
    <span className="tabular-nums" title={formats.exact(end)}>
      {t("age", { age: formats.span((now - Date.parse(storedAt)) / 1000) })}
      <span className="block text-ink-soft text-xs">
        {t(end.getTime() > now ? "until" : "over", { at: formats.moment(end, new Date(now)) })}
      </span>
    </span>
  );
}

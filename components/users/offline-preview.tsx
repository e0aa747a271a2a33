"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { readJson } from "@/components/read-json";
import { SelectField } from "@/components/ui/field";
import type { PreviewView } from "./call-view";
import { OfflineLines } from "./offline-lines";

const beatMs = 15_000;

/** What of the form decides where a code will work; what was not touched is as the policy has it. */
export interface AskedOffline {
  readonly uses?: string;
  readonly windowSeconds?: string;
  readonly machineId?: string;
}

/** Where the code will work without a network, before it is issued; and, of several machines, which one the user sits at. */
export function OfflinePreview({
  userId,
  asked,
  onMachine,
  first,
}: {
  userId: string;
  asked: AskedOffline;
  onMachine: (machineId: string) => void;
  /** For a form that nobody has touched. */
  first: PreviewView | null;
}) {
  const t = useTranslations("user.offline");
  const { renderedAt } = useReader();
  const query = Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
  const isUntouched = Object.keys(query).length === 0 && first !== null;
  const { data, isError } = useQuery({
    queryKey: ["offline", userId, query],
    queryFn: ({ signal }) => readJson<PreviewView>(`/api/users/${userId}/offline`, query, signal),
    ...(isUntouched ? { initialData: first, initialDataUpdatedAt: renderedAt } : {}),
    placeholderData: keepPreviousData,
    refetchInterval: beatMs,
  });
  const machines = data?.machines ?? [];
  return (
    <section
      aria-labelledby="offline-title"
      className="mt-4 grid gap-x-6 gap-y-2.5 rounded-lg bg-sunken/60 px-3 py-2.5 sm:grid-cols-[minmax(0,1fr)_auto]"
    >
      <div className="min-w-0">
        <h3 id="offline-title" className="mb-1.5 font-medium text-xs">
          {t("before")}
        </h3>
        {machines.length > 0 ? (
          <OfflineLines label={t("before")} lines={machines} linked />
        ) : (
          <p className="text-ink-soft text-xs">
            {isError ? t("unknown") : data === undefined ? "…" : t("noMachine")}
          </p>
        )}
      </div>
      {machines.length > 1 && (
        <SelectField
          id="machineId"
          name="machineId"
          label={t("machine")}
          className="sm:w-40"
          value={asked.machineId ?? ""}
          onChange={(event) => onMachine(event.target.value)}
          options={[
            ["", t("anyMachine")],
            ...machines.map(({ machineId, name }) => [machineId, name] as const),
          ]}
        />
      )}
    </section>
  );
}

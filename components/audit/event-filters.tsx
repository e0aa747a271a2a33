"use client";

import { useTranslations } from "use-intl/react";
import {
  FilterBar,
  FilterChip,
  FilterInstant,
  FilterSelect,
  FilterUser,
  useFilters,
} from "@/components/list/filters";
import { actorKinds } from "@/lib/audit/actor-kinds";
import { eventKinds, outcomes } from "@/lib/audit/model";
import { auditFilters } from "./filter-names";

const domains = [...new Set(eventKinds.map((kind) => kind.split(".", 1)[0] as string))];

/** The question to the log; `names` are of what is filtered by id, where the list knows them. */
export function EventFilters({ names }: { names: { actor: string | null; user: string | null } }) {
  const t = useTranslations("audit");
  const filters = useFilters(auditFilters);
  const { values, set } = filters;
  return (
    <FilterBar label={t("filters")} filters={filters} exportPath="/api/audit/export">
      <FilterSelect
        label={t("column.what")}
        value={values.kind}
        onChange={(kind) => set({ kind })}
        groups={domains.map((name) => ({
          name,
          options: eventKinds
            .filter((kind) => kind.startsWith(`${name}.`))
            .map((kind) => [kind, t(`kind.${kind}`)]),
        }))}
      />
      <FilterSelect
        label={t("column.outcome")}
        value={values.outcome}
        onChange={(outcome) => set({ outcome })}
        options={outcomes.map((outcome) => [outcome, t(`outcome.${outcome}`)])}
      />
      <FilterSelect
        label={t("column.who")}
        value={values.actorKind}
        onChange={(actorKind) => set({ actorKind })}
        options={actorKinds.map((kind) => [kind, t(`actorKind.${kind}`)])}
      />
      <FilterInstant label={t("since")} value={values.since} onChange={(since) => set({ since })} />
      <FilterInstant label={t("until")} value={values.until} onChange={(until) => set({ until })} />
      {values.actor !== null && (
        <FilterChip
          name={t("column.who")}
          value={names.actor ?? values.actor}
          onClear={() => set({ actor: null })}
        />
      )}
      {values.user === null && <FilterUser onPick={(user) => set({ user })} />}
      {values.user !== null && (
        <FilterChip
          name={t("column.whom")}
          value={names.user ?? values.user}
          onClear={() => set({ user: null })}
        />
      )}
      {values.grant !== null && (
        <FilterChip
          name={t("fact.grant")}
          value={values.grant.slice(0, 8)}
          onClear={() => set({ grant: null })}
        />
      )}
    </FilterBar>
  );
}

"use client";

import { useTranslations } from "use-intl/react";
import {
  ExportLink,
  FilterBar,
  FilterChip,
  FilterInstant,
  FilterSelect,
  FilterUser,
  useFilters,
} from "@/components/list/filters";
import { Button } from "@/components/ui/button";
import { actorKinds } from "@/lib/audit/actor-kinds";
import { eventKinds, outcomes } from "@/lib/audit/model";
import { auditFilters } from "./filter-names";

const domains = [...new Set(eventKinds.map((kind) => kind.split(".", 1)[0] as string))];

/** The question to the log; `names` are of what is filtered by id, where the list knows them. */
export function EventFilters({ names }: { names: { actor: string | null; user: string | null } }) {
  const t = useTranslations("audit");
  const { values, set, clear, any } = useFilters(auditFilters);
  return (
    <FilterBar label={t("filters")}>
      <FilterSelect
        label={t("column.what")}
        any={t("any")}
        value={values.kind}
        onChange={(kind) => set({ kind })}
      >
        {domains.map((domain) => (
          <optgroup key={domain} label={domain}>
            {eventKinds
              .filter((kind) => kind.startsWith(`${domain}.`))
              .map((kind) => (
                <option key={kind} value={kind}>
                  {t(`kind.${kind}`)}
                </option>
              ))}
          </optgroup>
        ))}
      </FilterSelect>
      <FilterSelect
        label={t("column.outcome")}
        any={t("any")}
        value={values.outcome}
        onChange={(outcome) => set({ outcome })}
      >
        {outcomes.map((outcome) => (
          <option key={outcome} value={outcome}>
            {t(`outcome.${outcome}`)}
          </option>
        ))}
      </FilterSelect>
      <FilterSelect
        label={t("column.who")}
        any={t("any")}
        value={values.actorKind}
        onChange={(actorKind) => set({ actorKind })}
      >
        {actorKinds.map((kind) => (
          <option key={kind} value={kind}>
            {t(`actorKind.${kind}`)}
          </option>
        ))}
      </FilterSelect>
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
      {any && (
        <Button variant="quiet" size="sm" onClick={clear}>
          {t("clear")}
        </Button>
      )}
      <ExportLink path="/api/audit/export" values={values} />
    </FilterBar>
  );
}

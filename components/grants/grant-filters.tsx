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
import { grantReasons, grantStates } from "@/lib/grants/model";
import type { Method } from "@/lib/policy/model";
import { grantFilters } from "./filter-names";

const methods = ["access_code", "sms", "voice"] as const satisfies readonly Method[];

/** What to list; `names` are of what is filtered by id, where the list knows them. */
export function GrantFilters({
  names,
  mayExport,
}: {
  names: { user: string | null; issuer: string | null };
  mayExport: boolean;
}) {
  const t = useTranslations("grants");
  const give = useTranslations("user.give");
  const states = useTranslations("ui.grantState");
  const { values, set, clear, any } = useFilters(grantFilters);
  return (
    <FilterBar label={t("filters")}>
      <FilterSelect
        label={t("state")}
        any={t("any")}
        value={values.state}
        onChange={(state) => set({ state })}
      >
        {grantStates.map((each) => (
          <option key={each} value={each}>
            {states(each)}
          </option>
        ))}
      </FilterSelect>
      <FilterSelect
        label={t("method")}
        any={t("any")}
        value={values.method}
        onChange={(method) => set({ method })}
      >
        {methods.map((each) => (
          <option key={each} value={each}>
            {give(`methods.${each}`)}
          </option>
        ))}
      </FilterSelect>
      <FilterSelect
        label={t("reason")}
        any={t("any")}
        value={values.reason}
        onChange={(reason) => set({ reason })}
      >
        {grantReasons.map((each) => (
          <option key={each} value={each}>
            {give(`reasons.${each}`)}
          </option>
        ))}
      </FilterSelect>
      <FilterInstant label={t("since")} value={values.from} onChange={(from) => set({ from })} />
      <FilterInstant label={t("before")} value={values.to} onChange={(to) => set({ to })} />
      {values.userId === null && <FilterUser onPick={(userId) => set({ userId })} />}
      {values.userId !== null && (
        <FilterChip
          name={t("user")}
          value={names.user ?? values.userId.slice(0, 8)}
          onClear={() => set({ userId: null })}
        />
      )}
      {values.issuerId !== null && (
        <FilterChip
          name={t("issuer")}
          value={names.issuer ?? values.issuerId.slice(0, 8)}
          onClear={() => set({ issuerId: null })}
        />
      )}
      {any && (
        <Button variant="quiet" size="sm" onClick={clear}>
          {t("clear")}
        </Button>
      )}
      {mayExport && <ExportLink path="/api/grants/export" values={values} />}
    </FilterBar>
  );
}

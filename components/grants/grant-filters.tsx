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
  const filters = useFilters(grantFilters);
  const { values, set } = filters;
  return (
    <FilterBar
      label={t("filters")}
      filters={filters}
      exportPath={mayExport ? "/api/grants/export" : undefined}
    >
      <FilterSelect
        label={t("state")}
        value={values.state}
        onChange={(state) => set({ state })}
        options={grantStates.map((state) => [state, states(state)])}
      />
      <FilterSelect
        label={t("method")}
        value={values.method}
        onChange={(method) => set({ method })}
        options={methods.map((method) => [method, give(`methods.${method}`)])}
      />
      <FilterSelect
        label={t("reason")}
        value={values.reason}
        onChange={(reason) => set({ reason })}
        options={grantReasons.map((reason) => [reason, give(`reasons.${reason}`)])}
      />
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
    </FilterBar>
  );
}

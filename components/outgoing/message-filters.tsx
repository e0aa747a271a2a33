"use client";

import { useTranslations } from "use-intl/react";
import { FilterBar, FilterSelect, useFilters } from "@/components/list/filters";
import { messageStates, messageTypes } from "@/lib/outgoing/model";
import { messageFilters } from "./filter-names";

/** Which messages to list. */
export function MessageFilters({ endpoints }: { endpoints: readonly { id: string; description: string }[] }) {
  const t = useTranslations("outgoing.messages");
  const types = useTranslations("outgoing.type");
  const filters = useFilters(messageFilters);
  const { values, set } = filters;
  return (
    <FilterBar label={t("filters")} filters={filters}>
      <FilterSelect
        label={t("state")}
        value={values.state}
        onChange={(state) => set({ state })}
        options={messageStates.map((state) => [state, t(`is.${state}`)])}
      />
      <FilterSelect
        label={t("event")}
        value={values.type}
        onChange={(type) => set({ type })}
        options={messageTypes.map((type) => [type, types(type)])}
      />
      <FilterSelect
        label={t("endpoint")}
        value={values.endpoint}
        onChange={(endpoint) => set({ endpoint })}
        options={endpoints.map(({ id, description }) => [id, description])}
      />
    </FilterBar>
  );
}

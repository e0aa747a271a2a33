"use client";

import { useTranslations } from "use-intl/react";
import { FilterBar, FilterSelect, useFilters } from "@/components/list/filters";
import { Button } from "@/components/ui/button";
import { messageStates, messageTypes } from "@/lib/outgoing/model";
import { messageFilters } from "./filter-names";

/** Which messages to list. */
export function MessageFilters({ endpoints }: { endpoints: readonly { id: string; description: string }[] }) {
  const t = useTranslations("outgoing.messages");
  const types = useTranslations("outgoing.type");
  const { values, set, clear, any } = useFilters(messageFilters);
  return (
    <FilterBar label={t("filters")}>
      <FilterSelect
        label={t("state")}
        any={t("any")}
        value={values.state}
        onChange={(state) => set({ state })}
      >
        {messageStates.map((each) => (
          <option key={each} value={each}>
            {t(`is.${each}`)}
          </option>
        ))}
      </FilterSelect>
      <FilterSelect label={t("event")} any={t("any")} value={values.type} onChange={(type) => set({ type })}>
        {messageTypes.map((each) => (
          <option key={each} value={each}>
            {types(each)}
          </option>
        ))}
      </FilterSelect>
      <FilterSelect
        label={t("endpoint")}
        any={t("any")}
        value={values.endpoint}
        onChange={(endpoint) => set({ endpoint })}
      >
        {endpoints.map(({ id, description }) => (
          <option key={id} value={id}>
            {description}
          </option>
        ))}
      </FilterSelect>
      {any && (
        <Button variant="quiet" size="sm" onClick={clear}>
          {t("clear")}
        </Button>
      )}
    </FilterBar>
  );
}

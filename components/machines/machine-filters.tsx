"use client";

import { useEffect, useState } from "react";
import { useTranslations } from "use-intl/react";
import { FilterBar, FilterChip, FilterSelect, useFilters } from "@/components/list/filters";
import { machineFilters } from "./filter-names";

const typingMs = 250;

/** Which machines to list; `userName` is of whom is filtered by, where it is known. */
export function MachineFilters({ userName }: { userName: string | null }) {
  const t = useTranslations("machines");
  const filters = useFilters(machineFilters);
  const { values, set } = filters;
  return (
    <FilterBar label={t("filters")} filters={filters}>
      <NameFilter
        key={values.query === null ? "empty" : "typed"}
        value={values.query ?? ""}
        onChange={(query) => set({ query: query || null })}
      />
      <FilterSelect
        label={t("show")}
        any={t("shows.enrolled")}
        value={values.show}
        onChange={(show) => set({ show })}
        options={[["ended", t("shows.ended")]]}
      />
      <FilterSelect
        label={t("look")}
        value={values.look}
        onChange={(look) => set({ look })}
        options={(["alarm", "no_package"] as const).map((look) => [look, t(`looks.${look}`)])}
      />
      {values.userId !== null && (
        <FilterChip
          name={t("user")}
          value={userName ?? values.userId.slice(0, 8)}
          onClear={() => set({ userId: null })}
        />
      )}
    </FilterBar>
  );
}

function NameFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useTranslations("machines");
  const [typed, setTyped] = useState(value);
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => onChange(typed.trim()), typingMs);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <label className="flex flex-col gap-1 text-2xs text-ink-soft">
      {t("name")}
      <input
        type="search"
        maxLength={63}
        autoComplete="off"
        spellCheck={false}
        placeholder={t("namePlaceholder")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        className="h-8 rounded-md border border-line-field bg-surface px-2 text-ink text-xs sm:w-40"
      />
    </label>
  );
}

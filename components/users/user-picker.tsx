"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslations } from "use-intl/react";
import { readJson } from "@/components/read-json";
import type { Found, FoundUser } from "@/lib/directory/search";

/** Whom one picks by looking up. */
export type PickedUser = Pick<FoundUser, "id" | "login" | "displayName">;

const shownMax = 6;

/** A field that looks users up as one types and hands on the one that is chosen, by keyboard or by a click. */
export function UserPicker({
  id,
  label,
  hint,
  without,
  busy = false,
  onPick,
}: {
  id: string;
  label: string;
  /** What stands below; null: the field is as small as a filter, and nothing does. */
  hint: string | null;
  /** Ids of those who aren't offered. */
  without: readonly string[];
  busy?: boolean;
  onPick: (user: PickedUser) => void;
}) {
  const t = useTranslations("ui.picker");
  const listId = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const query = typed.trim();
  const { data, isError, isPlaceholderData } = useQuery({
    queryKey: ["users", query],
    queryFn: ({ signal }) => readJson<Found>("/api/look-up", { query }, signal),
    enabled: query.length >= 2,
    placeholderData: keepPreviousData,
  });
  const isOpen = query.length >= 2 && data !== undefined;
  const found = isOpen ? data.users.filter((user) => !without.includes(user.id)).slice(0, shownMax) : [];
  const pick = (user: PickedUser | undefined) => {
    if (user === undefined || busy) return;
    onPick({ id: user.id, login: user.login, displayName: user.displayName });
    setTyped("");
    setActive(0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (found.length === 0) return;
      event.preventDefault();
      setActive((was) => (was + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!isPlaceholderData) pick(found[active]);
    } else if (event.key === "Escape" && typed !== "") {
      event.stopPropagation();
      setTyped("");
    }
  };
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className={hint === null ? "text-2xs text-ink-soft" : "font-medium text-xs"}>
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          type="search"
          role="combobox"
          aria-expanded={isOpen && found.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={found[active] === undefined ? undefined : `${listId}-${active}`}
          aria-describedby={hint === null && !isError ? undefined : `${id}-hint`}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className={`rounded-md border border-line-field bg-surface ${hint === null ? "h-8 w-44 px-2 text-xs" : "h-9 w-full px-2.5 text-sm"}`}
        />
        <div
          id={listId}
          role="listbox"
          aria-label={label}
          hidden={!isOpen || found.length === 0}
          className="absolute top-full left-0 z-10 mt-1 w-full min-w-64 overflow-hidden rounded-lg border bg-surface shadow-lg"
        >
          {found.map((user, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard moves through the options from the field
            <div
              key={user.id}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              onMouseMove={() => setActive(index)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => pick(user)}
              className={`flex min-h-9 cursor-pointer items-center justify-between gap-3 px-3 py-1 ${
                index === active ? "bg-accent-soft text-accent" : ""
              }`}
            >
              <span className="min-w-0 truncate font-medium">{user.displayName}</span>
              <span className="min-w-0 truncate text-ink-soft text-xs">{user.login}</span>
            </div>
          ))}
        </div>
      </div>
      {(hint !== null || isError) && (
        <p id={`${id}-hint`} className="text-ink-soft text-xs">
          {isError ? <span className="font-medium text-danger">{t("failed")}</span> : hint}
        </p>
      )}
      <p role="status" className="sr-only">
        {isOpen && t("results", { count: found.length })}
      </p>
      {isOpen && found.length === 0 && !isPlaceholderData && (
        <p className="text-ink-soft text-xs" aria-hidden="true">
          {t("none")}
        </p>
      )}
    </div>
  );
}

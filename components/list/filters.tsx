"use client";

import { parseAsString, useQueryStates } from "nuqs";
import { type ReactNode, useEffect, useRef, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Button, buttonClass } from "@/components/ui/button";
import { UserPicker } from "@/components/users/user-picker";

/** The filters of a list, which stand in the address; `isPending` while the server makes the list anew. */
export function useFilters<Name extends string>(names: readonly Name[]) {
  const [isPending, startTransition] = useTransition();
  const [values, setValues] = useQueryStates(
    Object.fromEntries(names.map((name) => [name, parseAsString])) as Record<Name, typeof parseAsString>,
    { shallow: false, history: "push", startTransition, clearOnDefault: true },
  );
  return {
    values: values as Record<Name, string | null>,
    isPending,
    set: (changed: Partial<Record<Name, string | null>>) =>
      void setValues(changed as Parameters<typeof setValues>[0]),
    clear: () => void setValues(null),
    any: Object.values(values).some((value) => value !== null && value !== ""),
  };
}

const control = "h-8 rounded-md border border-line-field bg-surface px-2 text-xs";

/**
 * The row of filters above a list, and the way to take off all that are set.
 * @param exportPath of the route that makes the list a file, by the filters that are set; undefined: none does.
 */
export function FilterBar({
  label,
  filters: { values, clear, any },
  exportPath,
  children,
}: {
  label: string;
  filters: { values: Readonly<Record<string, string | null>>; clear: () => void; any: boolean };
  exportPath?: string | undefined;
  children: ReactNode;
}) {
  const t = useTranslations("ui.filters");
  const query = new URLSearchParams(
    Object.entries(values).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );
  return (
    <form
      aria-label={label}
      onSubmit={(event) => event.preventDefault()}
      className="mb-3 flex flex-wrap items-end gap-x-3 gap-y-2 max-sm:[&>label]:grow"
    >
      {children}
      {any && (
        <Button variant="quiet" size="sm" onClick={clear}>
          {t("clear")}
        </Button>
      )}
      {exportPath !== undefined && (
        <a
          href={query.size === 0 ? exportPath : `${exportPath}?${query}`}
          download
          data-command={t("export")}
          className={buttonClass({ size: "sm", className: "ml-auto h-8" })}
        >
          {t("export")}
        </a>
      )}
    </form>
  );
}

/** One of the values of a filter, and what it is called. */
type Option = readonly [value: string, words: string];

const toOption = ([value, words]: Option) => (
  <option key={value} value={value}>
    {words}
  </option>
);

/** A filter that is one of a few, alone or in groups; the empty choice is called `any`, or by itself "any". */
export function FilterSelect({
  label,
  any,
  value,
  onChange,
  options = [],
  groups = [],
}: {
  label: string;
  any?: string;
  value: string | null;
  onChange: (value: string | null) => void;
  options?: readonly Option[];
  groups?: readonly { name: string; options: readonly Option[] }[];
}) {
  const t = useTranslations("ui.filters");
  return (
    <label className="flex min-w-0 flex-col gap-1 text-2xs text-ink-soft">
      {label}
      <select
        className={`${control} text-ink sm:max-w-52`}
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value || null)}
      >
        <option value="">{any ?? t("any")}</option>
        {options.map(toOption)}
        {groups.map((group) => (
          <optgroup key={group.name} label={group.name}>
            {group.options.map(toOption)}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

function toLocal(iso: string | null, timeZone: string): string {
  if (iso === null || Number.isNaN(Date.parse(iso))) return "";
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    dateStyle: "short",
    timeStyle: "short",
  }).format(new Date(iso));
  return parts.replace(" ", "T");
}

function fromLocal(local: string, timeZone: string): string {
  const wanted = Date.parse(`${local}Z`);
  let at = wanted;
  for (let pass = 0; pass < 2; pass++)
    at += wanted - Date.parse(`${toLocal(new Date(at).toISOString(), timeZone)}Z`);
  return new Date(at).toISOString();
}

/** A year that is being typed passes through years long gone. */
const eraStart = "2000";

/** What was picked or typed holds when nothing more has come for so long. */
const settledMs = 700;

/** A filter by an instant; typed on the reader's clock, kept in the address as UTC. */
export function FilterInstant({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | null;
  onChange: (iso: string | null) => void;
}) {
  const { timeZone } = useReader();
  const known = toLocal(value, timeZone);
  const field = useRef<HTMLInputElement>(null);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (field.current !== null && field.current.value !== known) field.current.value = known;
    return () => clearTimeout(waiting.current);
  }, [known]);
  const take = () => {
    clearTimeout(waiting.current);
    const typed = field.current?.value ?? "";
    if (typed !== known && (typed === "" || typed >= eraStart))
      onChange(typed === "" ? null : fromLocal(typed, timeZone));
  };
  return (
    <label className="flex flex-col gap-1 text-2xs text-ink-soft">
      {label}
      <input
        ref={field}
        type="datetime-local"
        className={`${control} text-ink`}
        defaultValue={known}
        onChange={() => {
          clearTimeout(waiting.current);
          waiting.current = setTimeout(take, settledMs);
        }}
        onBlur={take}
        onKeyDown={(event) => event.key === "Enter" && take()}
      />
    </label>
  );
}

/** A filter by a user, who is looked up as one types. */
export function FilterUser({ onPick }: { onPick: (userId: string) => void }) {
  const t = useTranslations("ui.filters");
  return (
    <UserPicker id="filter-user" label={t("user")} hint={null} without={[]} onPick={({ id }) => onPick(id)} />
  );
}

/** A filter that was set by a click in the list, and the way to take it off. */
export function FilterChip({ name, value, onClear }: { name: string; value: string; onClear: () => void }) {
  const t = useTranslations("ui.filters");
  return (
    <span className="inline-flex h-8 max-w-72 items-center gap-1.5 rounded-md border border-accent bg-accent-soft pl-2.5 text-accent text-xs">
      <span className="truncate">
        {name}: <strong className="font-semibold">{value}</strong>
      </span>
      <button
        type="button"
        onClick={onClear}
        aria-label={t("clearOne", { name })}
        className="flex h-full w-7 items-center justify-center rounded-md hover:bg-surface"
      >
        <span aria-hidden="true">×</span>
      </button>
    </span>
  );
}

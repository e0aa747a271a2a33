"use client";

import { useTranslations } from "use-intl/react";
import { Moment } from "@/components/i18n/time";
import { policySections } from "./sections";
import { usePolicyValues, usePolicyWords } from "./words";

/** A change of policy: each field that has another value since. */
export interface ShownChange {
  version: number;
  at: string;
  /** Null: not by staff. */
  by: string | null;
  fields: readonly { path: string; before: unknown; after: unknown }[];
}

const fieldOf = new Map(
  policySections.flatMap(({ fields }) => fields.map((field) => [field.path, field] as const)),
);

/** Who put which version in force, and what it changed; the newest first. */
export function PolicyHistory({ changes }: { changes: readonly ShownChange[] }) {
  const t = useTranslations("policy");
  const words = usePolicyWords();
  const say = usePolicyValues();
  return (
    <ol className="divide-y">
      {changes.map(({ version, at, by, fields }) => (
        <li key={version} className="px-4 py-2.5">
          <div className="flex items-baseline justify-between gap-3">
            <span>
              <span className="font-mono text-ink-soft text-xs">{version}</span> {by ?? t("nobody")}
            </span>
            <span className="text-ink-soft text-xs">
              <Moment at={at} />
            </span>
          </div>
          <ul className="mt-1 flex flex-col gap-1 text-xs">
            {fields.map(({ path, before, after }) => {
              const field = fieldOf.get(path);
              return (
                field !== undefined && (
                  <li key={path} className="[overflow-wrap:anywhere]">
                    {words(path, "label")}: <span className="text-ink-soft">{say(field, before)}</span> →{" "}
                    {say(field, after)}
                  </li>
                )
              );
            })}
          </ul>
        </li>
      ))}
    </ol>
  );
}

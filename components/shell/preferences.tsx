"use client";

import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { useLocale, useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { rememberChoice } from "@/components/i18n/reader-zone";

const languages = [
  ["en", "English"],
  ["de", "Deutsch"],
] as const;

/** Theme, language and single keys, as the reader wants them on this device. */
export function Preferences({ theme }: { theme: "light" | "dark" | "" }) {
  const t = useTranslations("shell");
  const router = useRouter();
  const locale = useLocale();
  const { singleKeys } = useReader();
  const [, startTransition] = useTransition();
  const refresh = () => startTransition(() => router.refresh());
  return (
    <div className="flex flex-col gap-3">
      <fieldset>
        <legend className="mb-1 font-medium text-ink-soft text-xs">{t("theme.name")}</legend>
        <div className="grid grid-cols-3 rounded-md border p-0.5">
          {(["", "light", "dark"] as const).map((choice) => (
            <label
              key={choice}
              className="relative flex h-7 items-center justify-center rounded-sm text-xs has-checked:bg-accent-soft has-checked:font-medium has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-accent"
            >
              <input
                type="radio"
                name="theme"
                className="absolute inset-0 cursor-pointer opacity-0"
                defaultChecked={choice === theme}
                onChange={() => {
                  rememberChoice("theme", choice);
                  if (choice === "") delete document.documentElement.dataset.theme;
                  else document.documentElement.dataset.theme = choice;
                }}
              />
              {t(choice === "" ? "theme.system" : `theme.${choice}`)}
            </label>
          ))}
        </div>
      </fieldset>
      <label className="flex items-center justify-between gap-3 text-xs">
        <span className="font-medium text-ink-soft">{t("language")}</span>
        <select
          className="h-7 rounded-md border border-line-field bg-surface px-1.5 text-xs"
          value={locale}
          onChange={(event) => {
            rememberChoice("locale", event.target.value);
            refresh();
          }}
        >
          {languages.map(([value, name]) => (
            <option key={value} value={value} lang={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="flex items-center justify-between gap-3 text-xs">
        <span className="font-medium text-ink-soft">{t("singleKeys")}</span>
        <input
          type="checkbox"
          className="size-4"
          checked={singleKeys}
          onChange={(event) => {
            rememberChoice("keys", event.target.checked ? "" : "off");
            refresh();
          }}
        />
      </label>
    </div>
  );
}

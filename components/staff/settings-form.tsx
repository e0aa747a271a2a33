"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import type { z } from "zod";
import { rememberChoice } from "@/components/i18n/reader-zone";
import { Button } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import { Notice } from "@/components/ui/state";
import { showToast } from "@/components/ui/toast";
import type { Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import type { settingsInput } from "@/lib/staff/input";
import type { DoorRefusal } from "@/lib/staff/outcome";
import { useDoorWords } from "./words";

const languages = [
  ["en", "English"],
  ["de", "Deutsch"],
] as const;

/** One's own language and time zone, wherever one signs in. */
export function SettingsForm({
  change,
  language,
  timeZone,
  zones,
}: {
  change: Action<z.input<typeof settingsInput>, Success>;
  language: string;
  timeZone: string | null;
  zones: readonly string[];
}) {
  const t = useTranslations("account");
  const words = useDoorWords();
  const router = useRouter();
  const [refused, setRefused] = useState<DoorRefusal | null>(null);
  const [busy, startTransition] = useTransition();
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    startTransition(async () => {
      const chosen = form.get("language") === "de" ? "de" : "en";
      const result = await change({ language: chosen, timeZone: String(form.get("timeZone")) });
      setRefused(result.ok ? null : result);
      if (!result.ok) return;
      rememberChoice("locale", chosen);
      void showToast(t("saved"));
      router.refresh();
    });
  };
  return (
    <form onSubmit={save} className="flex max-w-sm flex-col gap-4 p-4">
      <SelectField
        id="language"
        name="language"
        label={t("language")}
        defaultValue={language}
        options={languages}
      />
      <SelectField
        id="timeZone"
        name="timeZone"
        label={t("timeZone")}
        hint={t("settingsHint")}
        defaultValue={timeZone ?? ""}
        options={[["", t("timeZoneBrowser")], ...zones.map((zone) => [zone, zone] as const)]}
      />
      {refused !== null && <Notice tone="danger" alert title={words(refused)} />}
      <div>
        <Button type="submit" busy={busy}>
          {t("save")}
        </Button>
      </div>
    </form>
  );
}

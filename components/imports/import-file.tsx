"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CheckboxField, SelectField } from "@/components/ui/field";
import { Progress } from "@/components/ui/progress";
import { Notice } from "@/components/ui/state";
import type { AskImportInput, ImportIdInput } from "@/lib/imports/input";
import { fileBytesMax } from "@/lib/imports/model";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import { sendFile } from "./send-file";
import { type ImportRefusal, noAnswer, useImportWords } from "./words";

/** The server actions that take a file in. */
export interface SendActs {
  ask: Action<AskImportInput, Success<{ jobId: string }> | Refusal<"step_up_needed">>;
  end: Action<ImportIdInput, Success | Refusal<"not_found" | "incomplete">>;
}

/**
 * The form that sends a file of people, and leads to what it would change. Nothing is changed by it.
 * @param countries `[code, name]`.
 */
export function ImportFile({
  acts,
  countries,
}: {
  acts: SendActs;
  countries: readonly (readonly [string, string])[];
}) {
  const t = useTranslations("directory.file");
  const words = useImportWords();
  const router = useRouter();
  const { formats } = useReader();
  const [sent, setSent] = useState<number | null>(null);
  const [refused, setRefused] = useState<ImportRefusal | "empty" | "too_large" | null>(null);

  const send = async (form: FormData): Promise<ImportRefusal | "empty" | "too_large" | null> => {
    const file = form.get("file");
    if (!(file instanceof File) || file.size === 0) return "empty";
    if (file.size > fileBytesMax) return "too_large";
    setSent(0);
    const asked = await acts
      .ask({
        label: file.name.slice(0, 200),
        sizeBytes: file.size,
        country: (String(form.get("country") ?? "") || null) as AskImportInput["country"],
        isReplacing: form.get("isReplacing") === "on",
      })
      .catch(noAnswer);
    if (!asked.ok) return asked as ImportRefusal;
    const stored = await sendFile(asked.jobId, file, setSent);
    if (!stored.ok) return stored as ImportRefusal;
    const ended = await acts.end({ jobId: asked.jobId }).catch(noAnswer);
    if (!ended.ok) return ended as ImportRefusal;
    router.push(`/directory/${asked.jobId}`);
    return null;
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (sent !== null) return;
    setRefused(null);
    const refusal = await send(new FormData(event.currentTarget));
    if (refusal === null) return;
    setSent(null);
    setRefused(refusal);
  };
  return (
    <Card titleId="import-file" title={t("title")}>
      <form onSubmit={submit} className="flex flex-col gap-4 p-4">
        <div className="flex min-w-0 flex-col gap-1">
          <label htmlFor="import-pick" className="font-medium text-xs">
            {t("pick")}
          </label>
          <input
            id="import-pick"
            name="file"
            type="file"
            accept=".csv,.txt,text/csv,text/plain"
            required
            aria-describedby="import-pick-hint"
            className="w-full min-w-0 rounded-md border border-line-field bg-surface text-sm file:mr-3 file:h-9 file:cursor-pointer file:border-0 file:border-line file:border-r file:bg-sunken file:px-3 file:font-medium file:text-ink file:text-sm"
          />
          <p id="import-pick-hint" className="text-ink-soft text-xs">
            {t("pickHint")}
          </p>
        </div>
        <SelectField
          id="import-country"
          name="country"
          label={t("country")}
          hint={t("countryHint")}
          options={[["", t("countryNone")], ...countries]}
        />
        <CheckboxField
          id="import-replacing"
          name="isReplacing"
          label={t("isReplacing")}
          hint={t("isReplacingHint")}
        />
        {typeof refused === "string" ? (
          <Notice tone="danger" alert title={t(refused)} />
        ) : (
          <RefusalNotice refusal={refused} words={words} />
        )}
        {sent !== null && (
          <div className="flex flex-col gap-1.5">
            <Progress value={sent} label={t("sending")} />
            <p className="text-ink-soft text-xs tabular-nums" aria-live="polite">
              {t("sent", { percent: formats.number(Math.floor(sent * 100)) })}
            </p>
          </div>
        )}
        <div>
          <Button type="submit" variant="primary" busy={sent !== null}>
            {t("send")}
          </Button>
        </div>
      </form>
    </Card>
  );
}

"use client";

import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TextField } from "@/components/ui/field";
import type { ShownImport } from "@/lib/imports/read";

/**
 * Says in a sentence what is about to happen, and asks. Where more than a tenth of all people are disabled their number is typed.
 * @param why the reason why the reader may not.
 */
export function Confirm({
  job,
  busy,
  why,
  confirm,
}: {
  job: ShownImport;
  busy: boolean;
  why: string | null;
  confirm: (disabled: number | null) => void;
}) {
  const t = useTranslations("directory.confirm");
  const [wrong, setWrong] = useState(false);
  const { added = 0, changed = 0, disabled = 0, enabled = 0 } = job.previewCounts;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = Number(new FormData(event.currentTarget).get("disabled") ?? Number.NaN);
    const isWrong = job.asksForNumber && typed !== disabled;
    setWrong(isWrong);
    if (!isWrong) confirm(job.asksForNumber ? typed : null);
  };
  return (
    <Card titleId="confirm-title" title={t("title")}>
      <form onSubmit={submit} className="flex flex-col gap-3 p-4">
        <p className="max-w-prose text-sm">
          {t("sentence", { added, changed })} {disabled > 0 && t("disables", { disabled })}{" "}
          {enabled > 0 && t("enables", { enabled })}
        </p>
        {job.asksForNumber && (
          <div className="rounded-lg bg-danger-soft p-3.5">
            <p className="font-medium text-danger">{t("tenth", { disabled, of: job.enabledBefore ?? 0 })}</p>
            <TextField
              id="confirm-disabled"
              name="disabled"
              inputMode="numeric"
              autoComplete="off"
              className="mt-3 max-w-60"
              label={t("number")}
              error={wrong ? t("wrongNumber", { disabled }) : undefined}
            />
          </div>
        )}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            variant={job.asksForNumber ? "danger-solid" : "primary"}
            busy={busy}
            aria-disabled={why === null ? undefined : true}
            aria-describedby={why === null ? undefined : "confirm-why"}
            {...(why === null ? {} : { onClick: (event) => event.preventDefault() })}
          >
            {t("act")}
          </Button>
          {why !== null && (
            <span id="confirm-why" className="text-ink-soft text-xs">
              {why}
            </span>
          )}
        </div>
      </form>
    </Card>
  );
}

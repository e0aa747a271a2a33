"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/state";
import { type RevokeReason, revokeReasons } from "@/lib/grants/model";

/** Asks why access is ended, and ends it. `usual`: the reason that is proposed; null: none, it is to be chosen. */
export default function EndDialog({
  open,
  title,
  description,
  act,
  usual,
  onClose,
  onEnd,
}: {
  open: boolean;
  title: string;
  description: string;
  act: string;
  usual: RevokeReason | null;
  onClose: () => void;
  /** Ends it; answers what to tell where that did not work. */
  onEnd: (reason: RevokeReason) => Promise<string | null>;
}) {
  const t = useTranslations("user.end");
  const tg = useTranslations("user.give");
  const tu = useTranslations("ui");
  const [reason, setReason] = useState<RevokeReason | null>(usual);
  const [isMissing, setIsMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <Dialog open={open} onOpenChange={(to) => !to && onClose()} title={title} description={description}>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          if (busy) return;
          if (reason === null) {
            setIsMissing(true);
            event.currentTarget.querySelector<HTMLInputElement>("input[name=end-reason]")?.focus();
            return;
          }
          setBusy(true);
          setProblem(null);
          const told = await onEnd(reason);
          setBusy(false);
          if (told === null) onClose();
          else setProblem(told);
        }}
      >
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1.5 font-medium text-xs">{t("why")}</legend>
          {revokeReasons.map((each) => (
            <label key={each} className="flex items-center gap-2.5 rounded-md px-1 py-0.5">
              <input
                type="radio"
                name="end-reason"
                className="size-4"
                checked={each === reason}
                aria-invalid={isMissing && reason === null ? true : undefined}
                aria-describedby={isMissing && reason === null ? "end-reason-missing" : undefined}
                onChange={() => setReason(each)}
              />
              {t(`reasons.${each}`)}
            </label>
          ))}
        </fieldset>
        {isMissing && reason === null && (
          <p id="end-reason-missing" role="alert" className="mt-2 font-medium text-danger text-xs">
            {tg("reasonMissing")}
          </p>
        )}
        {problem !== null && (
          <div className="mt-3">
            <Notice tone="danger" alert title={problem} />
          </div>
        )}
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={onClose}>{tu("cancel")}</Button>
          <Button type="submit" variant="danger-solid" busy={busy}>
            {act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

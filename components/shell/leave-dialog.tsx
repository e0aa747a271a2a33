"use client";

import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import type { Loss } from "./leaving";

/** What the question is about, and who is told the answer. */
export interface LeaveDialogProps {
  what: Loss;
  open: boolean;
  onAnswer: (goesOn: boolean) => void;
}

/** Says what is lost by leaving, and asks whether to. */
export default function LeaveDialog({ what, open, onAnswer }: LeaveDialogProps) {
  const t = useTranslations("shell.leaving");
  return (
    <Dialog
      open={open}
      onOpenChange={(to) => !to && onAnswer(false)}
      title={t(`${what}.title`)}
      description={t(`${what}.about`)}
    >
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={() => onAnswer(false)}>{t("stay")}</Button>
        <Button variant="danger-solid" onClick={() => onAnswer(true)}>
          {t(`${what}.goOn`)}
        </Button>
      </div>
    </Dialog>
  );
}

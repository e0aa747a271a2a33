"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { useDoorWords } from "@/components/staff/words";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { showToast } from "@/components/ui/toast";
import type { ResumeIssuingResult } from "@/lib/machines/resume-issuing";
import type { Refusal } from "@/lib/platform/outcome";
import { type DoorRefusal, isDoorRefusal } from "@/lib/staff/outcome";

type Refused = DoorRefusal | Refusal<"no_answer" | "step_up_needed" | "not_stopped">;

/** The owner's button that lets issuing go on; asks first whether they have looked. */
export function ResumeIssuing({
  resume,
}: {
  resume: (input: Record<string, never>) => Promise<ResumeIssuingResult | DoorRefusal>;
}) {
  const t = useTranslations("shell.stopped");
  const ui = useTranslations("ui");
  const doorWords = useDoorWords();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const onOpenChange = (next: boolean) => {
    setOpen(next);
    setRefused(null);
  };
  const words = (refusal: Refused) => (isDoorRefusal(refusal) ? doorWords(refusal) : t("noAnswer"));
  const act = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const result = await resume({});
      if (result.ok || result.reason === "not_stopped") {
        onOpenChange(false);
        void showToast(t("resumed"));
        router.refresh();
      } else setRefused(result);
    } catch {
      setRefused({ ok: false, reason: "no_answer" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button size="sm" data-command={t("resume")} onClick={() => onOpenChange(true)}>
        {t("resume")}
      </Button>
      <Dialog open={open} onOpenChange={onOpenChange} title={t("ask")} description={t("look")}>
        <RefusalNotice<Refused> refusal={refused} words={words} />
        <div className="mt-5 flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>{ui("cancel")}</Button>
          <Button variant="danger-solid" busy={busy} onClick={() => void act()}>
            {t("yes")}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

"use client";

import { usePathname, useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDoorWords } from "@/components/staff/words";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/state";
import { showToast } from "@/components/ui/toast";
import type { ResumeIssuingResult } from "@/lib/grants/resume-issuing";
import { type DoorRefusal, isDoorRefusal } from "@/lib/staff/outcome";
import { toStepUpPath } from "@/lib/staff/return-path";

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
  const path = usePathname();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const onOpenChange = (next: boolean) => {
    setOpen(next);
    setProblem(null);
  };
  const act = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const result = await resume({});
      if (result.ok || result.reason === "not_stopped") {
        onOpenChange(false);
        void showToast(t("resumed"));
        router.refresh();
      } else if (isDoorRefusal(result)) setProblem(doorWords(result));
      else location.assign(toStepUpPath(path));
    } catch {
      setProblem(t("noAnswer"));
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
        {problem !== null && <Notice tone="danger" alert title={problem} />}
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

"use client";

import { useTranslations } from "use-intl/react";
import { buttonClass } from "@/components/ui/button";
import { toStepUpPath } from "@/lib/staff/return-path";

/** Leads to the second factor in a tab of its own, so that what was filled in here stays. */
export function StepUpLink({ returnTo }: { returnTo: string }) {
  const t = useTranslations("ui.stepUp");
  return (
    <a
      className={buttonClass({ size: "sm", variant: "primary" })}
      href={toStepUpPath(returnTo)}
      target="_blank"
      rel="noopener"
    >
      {t("link")}
    </a>
  );
}

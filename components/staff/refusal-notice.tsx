"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { Notice } from "@/components/ui/state";
import type { Refusal } from "@/lib/platform/outcome";
import { StepUpLink } from "./step-up-link";

/**
 * Says why an act was refused, beside the button that was pressed. Where the second factor must be shown again it leads there in a
 * tab of its own: what was filled in stays, and the same button does it then.
 * @param words says all but that.
 */
export function RefusalNotice<R extends Refusal<string>>({
  refusal,
  words,
  actions,
  children,
}: {
  refusal: R | Refusal<"step_up_needed"> | null;
  words: (refusal: R) => string;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  const t = useTranslations("ui.stepUp");
  const path = usePathname();
  if (refusal === null) return null;
  if (refusal.reason === "step_up_needed")
    return <Notice tone="warn" alert title={t("title")} actions={<StepUpLink returnTo={path} />} />;
  return (
    <Notice tone="danger" alert title={words(refusal as R)} actions={actions}>
      {children}
    </Notice>
  );
}

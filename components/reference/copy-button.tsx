"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";

/** Copies `text`; `label` says of what it is. Without scripts the text is marked and copied by hand. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const t = useTranslations("reference");
  const [isCopied, setCopied] = useState(false);
  return (
    <Button
      size="sm"
      variant="quiet"
      className="scripting-none:hidden"
      aria-label={`${t("copy")}: ${label}`}
      onClick={() => {
        void navigator.clipboard.writeText(text).then(() => setCopied(true));
      }}
    >
      <span role="status">{isCopied ? t("copied") : t("copy")}</span>
    </Button>
  );
}

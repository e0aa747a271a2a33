"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/state";

/** An endpoint's secret, shown this once; `onClose` puts it away for good. */
export function SecretOnce({ secret, onClose }: { secret: string; onClose: () => void }) {
  const t = useTranslations("outgoing.secret");
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="warn" title={t("once")}>
        {t("onceHint")}
      </Notice>
      <figure aria-label={t("label")} className="min-w-0">
        <pre className="whitespace-pre-wrap break-all rounded-lg bg-sunken px-3 py-2.5 font-mono text-xs leading-relaxed [font-variant-ligatures:none]">
          {secret}
        </pre>
      </figure>
      <p className="text-ink-soft text-xs">{t("use")}</p>
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p role="status" className="mr-auto text-ink-soft text-xs">
          {copied && t("copied")}
        </p>
        <Button
          variant="primary"
          onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}
        >
          {t("copy")}
        </Button>
        <Button onClick={onClose}>{t("close")}</Button>
      </div>
    </div>
  );
}

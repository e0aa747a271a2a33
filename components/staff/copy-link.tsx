"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";

/** A one-time link, shown this once, with a button that copies it; `onClose` puts it away. */
export function CopyLink({ url, expiresAt, onClose }: { url: string; expiresAt: Date; onClose: () => void }) {
  const t = useTranslations("staff.link");
  const ui = useTranslations("ui");
  const { formats } = useReader();
  const [copied, setCopied] = useState(false);
  return (
    <div className="flex flex-col gap-3">
      <TextField
        id="one-time-link"
        label="URL"
        readOnly
        value={url}
        onFocus={(event) => event.target.select()}
        mono
        hint={t("hint", { until: formats.exact(expiresAt) })}
      />
      <div className="flex items-center gap-2">
        <p role="status" className="mr-auto text-ink-soft text-xs">
          {copied && t("copied")}
        </p>
        <Button onClick={onClose}>{ui("close")}</Button>
        <Button
          variant="primary"
          onClick={() => {
            void navigator.clipboard.writeText(url).then(() => setCopied(true));
          }}
        >
          {t("copy")}
        </Button>
      </div>
    </div>
  );
}

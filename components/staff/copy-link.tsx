"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";

/** A one-time link, shown this once, with a button that copies it. */
export function CopyLink({ url, expiresAt }: { url: string; expiresAt: Date }) {
  const t = useTranslations("staff.link");
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
      <Button
        onClick={() => {
          void navigator.clipboard.writeText(url).then(() => setCopied(true));
        }}
      >
        {t("copy")}
      </Button>
      <p role="status" className="text-ink-soft text-xs">
        {copied && t("copied")}
      </p>
    </div>
  );
}

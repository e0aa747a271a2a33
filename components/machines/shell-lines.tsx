"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";

/** Lines for a shell or a file, to be copied whole. */
export function ShellLines({ label, lines }: { label: string; lines: string }) {
  const t = useTranslations("machines.enrol");
  const [copied, setCopied] = useState(false);
  return (
    <figure className="min-w-0">
      <div className="mb-1.5 flex items-end justify-between gap-3">
        <figcaption className="font-medium text-xs">{label}</figcaption>
        <Button
          size="sm"
          aria-label={`${t("copy")}: ${label}`}
          onClick={() => {
            void navigator.clipboard.writeText(`${lines}\n`).then(() => setCopied(true));
          }}
        >
          <span role="status">{copied ? t("copied") : t("copy")}</span>
        </Button>
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what may scroll must be reachable by keyboard (WCAG 2.1.1)
        tabIndex={0}
        className="overflow-x-auto rounded-lg bg-sunken px-3 py-2.5 font-mono text-xs leading-relaxed [font-variant-ligatures:none]"
      >
        <code>{lines}</code>
      </pre>
    </figure>
  );
}

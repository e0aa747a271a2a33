"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/state";

/** What a client calls with, as text: a key, or a key file. */
export interface MadeSecret {
  kind: "legacy_key" | "client_key";
  name: string;
  text: string;
}

function download({ name, text }: MadeSecret): void {
  const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-+|-+$/g, "");
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${plain === "" ? "sparekey" : plain}.key.json`;
  link.click();
  URL.revokeObjectURL(url);
}

/** A client's secret, shown this once, with how it is kept and what it is for; `onClose` puts it away for good. */
export function SecretOnce({
  secret,
  baseUrl,
  onClose,
}: {
  secret: MadeSecret;
  baseUrl: string;
  onClose: () => void;
}) {
  const t = useTranslations("clients.secret");
  const [kept, setKept] = useState<"copied" | "saved" | null>(null);
  const isFile = secret.kind === "legacy_key";
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="warn" title={t("once")}>
        {t("onceHint")}
      </Notice>
      <figure aria-label={t(`label.${secret.kind}`)} className="min-w-0">
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what may scroll must be reachable by keyboard (WCAG 2.1.1)
          tabIndex={0}
          className={`max-h-40 overflow-auto rounded-lg bg-sunken px-3 py-2.5 font-mono text-xs leading-relaxed [font-variant-ligatures:none] ${isFile ? "" : "whitespace-pre-wrap break-all"}`}
        >
          {secret.text}
        </pre>
      </figure>
      <p className="text-ink-soft text-xs">
        {t.rich(`use.${secret.kind}`, {
          address: () => (
            <code className="break-all font-mono text-ink">
              {isFile ? `${baseUrl}/AdminInterface/restapi` : `${baseUrl}/mfa/v1_1/authn`}
            </code>
          ),
          code: (chunks) => <code className="font-mono text-ink">{chunks}</code>,
        })}
      </p>
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p role="status" className="mr-auto text-ink-soft text-xs">
          {kept !== null && t(kept)}
        </p>
        <Button
          variant={isFile ? "plain" : "primary"}
          onClick={() => {
            void navigator.clipboard.writeText(secret.text).then(() => setKept("copied"));
          }}
        >
          {t("copy")}
        </Button>
        {isFile && (
          <Button
            variant="primary"
            onClick={() => {
              download(secret);
              setKept("saved");
            }}
          >
            {t("save")}
          </Button>
        )}
        <Button onClick={onClose}>{t("close")}</Button>
      </div>
    </div>
  );
}

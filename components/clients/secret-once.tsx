"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/state";
import type { ClientSecret } from "@/lib/clients/credential";
import type { ClientKind, ClientView } from "@/lib/clients/model";
import { kinds, toText } from "./kinds";

/** What a client calls with, as text: a key, or a file. */
export interface MadeSecret {
  kind: ClientKind;
  name: string;
  /** The id that it goes by, where it has one. */
  accessId: string | null;
  /** null: its owner has the secret already. */
  text: string | null;
}

/** What is shown of a client that was just made, or given another key. */
export function toMadeSecret(made: { client: ClientView } & ClientSecret): MadeSecret {
  const { name, accessId } = made.client;
  return { kind: made.kind, name, accessId, text: toText(made) };
}

function download(name: string, ending: string, text: string): void {
  const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-+|-+$/g, "");
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${plain === "" ? "sparekey" : plain}.${ending}`;
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
  const ui = useTranslations("ui");
  const [kept, setKept] = useState<"copied" | "saved" | null>(null);
  const { fileEnding, path } = kinds[secret.kind];
  const text = secret.text ?? secret.accessId ?? "";
  return (
    <div className="flex flex-col gap-4">
      {secret.text === null ? (
        <p className="text-ink-soft">{t("kept")}</p>
      ) : (
        <Notice tone="warn" title={t("once")}>
          {t("onceHint")}
        </Notice>
      )}
      <figure
        aria-label={secret.text === null ? t("clientId") : t(`label.${secret.kind}`)}
        className="min-w-0"
      >
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what may scroll must be reachable by keyboard (WCAG 2.1.1)
          tabIndex={0}
          className={`max-h-40 overflow-auto rounded-lg bg-sunken px-3 py-2.5 font-mono text-xs leading-relaxed [font-variant-ligatures:none] ${fileEnding !== null && secret.text !== null ? "" : "whitespace-pre-wrap break-all"}`}
        >
          {text}
        </pre>
      </figure>
      <p className="text-ink-soft text-xs">
        {t.rich(`use.${secret.kind}`, {
          address: () => (
            <code className="break-all font-mono text-ink">
              {baseUrl}
              {path}
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
          variant={fileEnding === null ? "primary" : "plain"}
          onClick={() => {
            void navigator.clipboard.writeText(text).then(() => setKept("copied"));
          }}
        >
          {t("copy")}
        </Button>
        {fileEnding !== null && secret.text !== null && (
          <Button
            variant="primary"
            onClick={() => {
              download(secret.name, fileEnding, text);
              setKept("saved");
            }}
          >
            {t("save")}
          </Button>
        )}
        <Button onClick={onClose}>{secret.text === null ? ui("close") : t("close")}</Button>
      </div>
    </div>
  );
}

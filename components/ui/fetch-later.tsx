"use client";

import { type ComponentType, lazy, type ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "./button";

function Unfetched() {
  const t = useTranslations("ui.unfetched");
  return (
    <div
      role="alert"
      className="fixed inset-x-4 bottom-4 z-50 mx-auto flex max-w-xl flex-wrap items-center justify-between gap-3 rounded-lg border border-danger bg-surface px-4 py-3 text-sm shadow-lg"
    >
      <p className="min-w-0 flex-1 basis-72">{t("text")}</p>
      <Button variant="plain" onClick={() => location.reload()}>
        {t("reload")}
      </Button>
    </div>
  );
}

/**
 * A component whose script is fetched when it is first shown, within a `Suspense`. Where the script can't be had (no network, or a
 * newer version was installed meanwhile) the page stays as it is, for it may hold a code, and says what to do.
 * @param instead what then stands there.
 */
export function fetchLater<Props extends object>(
  fetchPart: () => Promise<{ default: ComponentType<Props> }>,
  instead: () => ReactNode = Unfetched,
) {
  return lazy<ComponentType<Props>>(() => fetchPart().catch(() => ({ default: instead })));
}

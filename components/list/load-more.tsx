"use client";

import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";

/** The end of a list by keyset: how much is shown, the next page, and what went wrong with it. */
export function LoadMore({
  shown,
  more,
  busy,
  failed,
  onMore,
}: {
  shown: number;
  more: boolean;
  busy: boolean;
  failed: boolean;
  onMore: () => void;
}) {
  const t = useTranslations("ui.list");
  return (
    <div className="mt-3 flex min-h-9 items-center justify-between gap-4 text-ink-soft text-sm">
      <p role="status">
        {failed ? (
          <span className="font-medium text-danger">{t("failed")}</span>
        ) : (
          t(more ? "shownMore" : "shownAll", { count: shown })
        )}
      </p>
      {more && (
        <Button size="sm" busy={busy} onClick={onMore}>
          {t(failed ? "again" : "more")}
        </Button>
      )}
    </div>
  );
}

"use client";

import { useTranslations } from "use-intl/react";
import { Moment, ValidUntil } from "@/components/i18n/time";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import type { OpenedView } from "./call-view";

/** Where the user is signed in by emergency access now, though the code may be spent; and the end of it. */
export function SignedIn({
  opened,
  userZone,
  onEndAll,
}: {
  opened: readonly OpenedView[];
  userZone: string | null;
  /** null: it is ended elsewhere, or not by this reader. */
  onEndAll: (() => void) | null;
}) {
  const t = useTranslations("user");
  return (
    <Card
      titleId="opened-title"
      title={
        <>
          {t("opened.title")} <Badge tone="warn">{t("live.count", { count: opened.length })}</Badge>
        </>
      }
      aside={
        onEndAll !== null && (
          <Button size="sm" variant="danger" onClick={onEndAll} data-command={t("opened.endAll")}>
            {t("opened.endAll")}
          </Button>
        )
      }
    >
      <ul className="divide-y">
        {opened.map(({ id, application, method, at, until }) => (
          <li key={id} className="px-4 py-2.5">
            <p>
              <strong className="break-words font-semibold">{application}</strong>
              {", "}
              <ValidUntil at={until} userZone={userZone} />
            </p>
            <p className="text-ink-soft text-xs">
              {t.rich("opened.by", { method: t(`give.methods.${method}`), at: () => <Moment at={at} /> })}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

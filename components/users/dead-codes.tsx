"use client";

import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Notice } from "@/components/ui/state";
import type { CallView } from "./call-view";

/** Says which dead codes were typed lately: the caller may read an older one than the desk means. Nothing where none was. */
export function DeadCodes({ tries }: { tries: CallView["deadTries"] }) {
  const t = useTranslations("user.deadCodes");
  const { formats } = useReader();
  const [last] = tries;
  if (last === undefined) return null;
  return (
    <Notice tone="warn" title={t("title", { clock: formats.clock(new Date(last.lastAt)) })}>
      <ul>
        {tries.map(({ as, count }) => (
          <li key={as}>{t(as, { count })}</li>
        ))}
      </ul>
    </Notice>
  );
}

"use client";

import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Card } from "@/components/ui/card";
import type { ImportCounts } from "@/lib/imports/model";

const always = ["added", "changed", "unchanged", "refused", "disabled"] as const;
const whereAny = ["absent", "enabled", "grantsEnded", "phonesKept", "managersUnknown"] as const;

/** What an import comes to, or did, in numbers. */
export function Counts({ counts, isPreview }: { counts: Partial<ImportCounts>; isPreview: boolean }) {
  const t = useTranslations("directory");
  const { formats } = useReader();
  const shown = [...always, ...whereAny.filter((name) => (counts[name] ?? 0) > 0)];
  return (
    <Card titleId="counts-title" title={t(isPreview ? "wouldBe" : "was")}>
      <dl className="grid grid-cols-[repeat(auto-fit,minmax(6.5rem,1fr))] gap-x-4 gap-y-4 px-4 py-3.5">
        {shown.map((name) => {
          const count = counts[name] ?? 0;
          const tone =
            count === 0
              ? "text-ink-soft"
              : name === "disabled"
                ? "text-danger"
                : name === "refused"
                  ? "text-warn"
                  : "";
          return (
            <div key={name}>
              <dt className="text-ink-soft text-xs">{t(`count.${name}`)}</dt>
              <dd className={`font-semibold text-xl tabular-nums ${tone}`}>{formats.number(count)}</dd>
            </div>
          );
        })}
      </dl>
    </Card>
  );
}

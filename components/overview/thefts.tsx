"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { Moment } from "@/components/i18n/time";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { useDoorWords } from "@/components/staff/words";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/state";
import { showToast } from "@/components/ui/toast";
import { Unspaced } from "@/components/ui/unspaced";
import type { Plain } from "@/components/users/call-view";
import type { Theft } from "@/lib/grants/thefts-store";
import type { Refusal } from "@/lib/platform/outcome";
import { type DoorRefusal, isDoorRefusal } from "@/lib/staff/outcome";

type Refused = DoorRefusal | Refusal<"already_seen" | "no_answer">;

/** What was reported stolen, as it travels to the screen. */
export type TheftView = Plain<Theft>;

/** What was reported stolen and nobody of security has looked at yet, and the way to say that one has. */
export function Thefts({
  thefts,
  see,
}: {
  thefts: readonly TheftView[];
  see: (input: { userId: string }) => Promise<{ ok: true } | Refused>;
}) {
  const t = useTranslations("overview.thefts");
  const doorWords = useDoorWords();
  const router = useRouter();
  const [busy, setBusy] = useState<string | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const look = async (userId: string) => {
    setBusy(userId);
    setRefused(null);
    const result = await see({ userId }).catch((): Refused => ({ ok: false, reason: "no_answer" }));
    setBusy(null);
    if (!result.ok && result.reason !== "already_seen") return setRefused(result);
    void showToast(t("done"));
    document.getElementById("main")?.focus({ preventScroll: true });
    router.refresh();
  };
  return (
    <Card
      className="xl:col-span-2"
      titleId="thefts-title"
      title={
        <>
          {t("title")}
          {thefts.length > 0 && <Badge tone="danger">{thefts.length}</Badge>}
        </>
      }
    >
      <RefusalNotice<Refused>
        refusal={refused}
        words={(refusal) => (isDoorRefusal(refusal) ? doorWords(refusal) : t("noAnswer"))}
      />
      {thefts.length === 0 ? (
        <EmptyState title={t("none")}>{t("noneHint")}</EmptyState>
      ) : (
        <ul className="divide-y">
          {thefts.map((theft) => (
            <li
              key={theft.userId}
              className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-3"
            >
              <div className="min-w-0 flex-1 basis-72 [overflow-wrap:anywhere]">
                <p className="flex flex-wrap items-baseline gap-x-2">
                  <Link
                    href={`/users/${theft.userId}`}
                    prefetch={false}
                    className="font-medium hover:underline"
                  >
                    {theft.displayName}
                  </Link>
                  <span className="text-ink-soft text-xs">
                    <Unspaced>{theft.login}</Unspaced>
                  </span>
                </p>
                <p className="mt-0.5 text-ink-soft text-xs">
                  <Moment at={theft.reportedAt} />
                  {theft.reportedBy !== null && <> · {t("by", { name: theft.reportedBy })}</>}
                  {theft.ticket !== null && (
                    <>
                      {" · "}
                      <span className="font-mono">{theft.ticket}</span>
                    </>
                  )}
                </p>
                {theft.note !== null && <p className="mt-0.5 text-xs">{theft.note}</p>}
              </div>
              <Button
                size="sm"
                busy={busy === theft.userId}
                aria-label={t("seeing", { name: theft.displayName })}
                onClick={() => void look(theft.userId)}
              >
                {t("see")}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

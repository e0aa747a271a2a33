"use client";

import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { showToast } from "@/components/ui/toast";
import type { Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import { useDoorWords } from "./words";

/** Ends all of one's own sessions but this one. */
export function EndOthersButton({ end }: { end: Action<object, Success<{ sessions: number }>> }) {
  const t = useTranslations();
  const words = useDoorWords();
  const router = useRouter();
  const [busy, startTransition] = useTransition();
  const run = () =>
    startTransition(async () => {
      const result = await end({});
      void showToast(result.ok ? t("account.othersEnded", { count: result.sessions }) : words(result));
      router.refresh();
    });
  return (
    <Button size="sm" busy={busy} onClick={run}>
      {t("staff.session.endOthers")}
    </Button>
  );
}

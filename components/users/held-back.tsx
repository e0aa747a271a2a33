"use client";

import { useState } from "react";
import { useTranslations } from "use-intl/react";
import { useDoorWords } from "@/components/staff/words";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/state";
import { showToast } from "@/components/ui/toast";
import type { MethodLocks } from "@/lib/authn/locks";
import type { Refusal } from "@/lib/platform/outcome";
import { type Method, methods } from "@/lib/policy/model";
import { type DoorRefusal, isDoorRefusal } from "@/lib/staff/outcome";

/** Lifts what holds methods back. */
export type Unlock = (input: {
  userId: string;
  methods: Method[];
}) => Promise<{ ok: true } | Refusal<"user_not_found" | "yourself"> | DoorRefusal>;

/** Says that the user must wait before the next code, text or call, and lets the desk lift it; nothing where they needn't. */
export function HeldBack({
  userId,
  locks,
  unlock,
  onDone,
}: {
  userId: string;
  locks: MethodLocks;
  /** null: whoever reads may not. */
  unlock: Unlock | null;
  onDone: () => void;
}) {
  const t = useTranslations("user.heldBack");
  const doorWords = useDoorWords();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const locked = methods.filter((method) => locks[method]);
  if (locked.length === 0) return null;
  const lift = async (act: Unlock) => {
    setBusy(true);
    setProblem(null);
    try {
      const result = await act({ userId, methods: locked });
      if (result.ok) {
        // The button goes with what it lifted.
        document.getElementById("main")?.focus({ preventScroll: true });
        void showToast(t("done"));
      } else setProblem(isDoorRefusal(result) ? doorWords(result) : t(`refusal.${result.reason}`));
    } catch {
      setProblem(t("noAnswer"));
    } finally {
      setBusy(false);
      onDone();
    }
  };
  return (
    <Notice
      tone="warn"
      alert={problem !== null}
      title={[locks.access_code && t("codes"), (locks.sms || locks.voice) && t("sends")]
        .filter((words) => words !== false)
        .join(" ")}
      actions={
        unlock !== null && (
          <Button size="sm" busy={busy} onClick={() => void lift(unlock)} data-command={t("lift")}>
            {t("lift")}
          </Button>
        )
      }
    >
      {problem ?? t("about")}
    </Notice>
  );
}

"use client";

import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { showToast } from "@/components/ui/toast";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import type { Link } from "@/lib/staff/link";
import type { DoorReason } from "@/lib/staff/outcome";
import { CopyLink } from "./copy-link";
import { RefusalNotice } from "./refusal-notice";
import { useStaffWords } from "./words";

type ById<Result extends { ok: boolean }> = Action<{ staffId: string }, Result>;
type Reason = "step_up_needed" | "not_found" | "yourself" | "last_owner" | "disabled";

/** What the acts call. */
export interface StaffActActions {
  disable: ById<
    Success<{ sessions: number }> | Refusal<"step_up_needed" | "not_found" | "yourself" | "last_owner">
  >;
  enable: ById<Success | Refusal<"step_up_needed" | "not_found">>;
  unlock: ById<Success | Refusal<"step_up_needed" | "not_found">>;
  resetPassword: ById<
    Success<{ link: Link }> | Refusal<"step_up_needed" | "not_found" | "yourself" | "disabled">
  >;
  resetFactor: ById<
    Success<{ link: Link }> | Refusal<"step_up_needed" | "not_found" | "yourself" | "disabled">
  >;
}

/** One act in its own line: what it does, and the button. Asks before it acts. `why`: the reason why it can't be done. */
export function StaffAct({
  act,
  actions,
  staff,
  why,
}: {
  act: keyof StaffActActions;
  actions: StaffActActions;
  staff: { id: string; name: string };
  why: string | null;
}) {
  const t = useTranslations("staff");
  const ui = useTranslations("ui");
  const words = useStaffWords();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [link, setLink] = useState<Link | null>(null);
  const [refused, setRefused] = useState<Refusal<DoorReason | Reason> | null>(null);
  const [busy, startTransition] = useTransition();
  const onOpenChange = (next: boolean) => {
    setOpen(next);
    setLink(null);
    setRefused(null);
  };
  const said = (result: object): string | null => {
    switch (act) {
      case "disable":
        return t("done.disabled", { count: "sessions" in result ? Number(result.sessions) : 0 });
      case "enable":
        return t("done.enabled");
      case "unlock":
        return t("done.unlocked");
      case "resetPassword":
      case "resetFactor":
        return null;
    }
  };
  const run = () =>
    startTransition(async () => {
      setRefused(null);
      const result = await actions[act]({ staffId: staff.id });
      if (!result.ok) {
        setRefused(result);
        return;
      }
      if ("link" in result) setLink(result.link);
      else onOpenChange(false);
      const words = said(result);
      if (words !== null) void showToast(words);
      router.refresh();
    });
  const danger = act === "disable" || act === "resetFactor" || act === "resetPassword";
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b px-4 py-3 last:border-b-0">
      <p className="min-w-0 flex-1 basis-60">
        <span className="font-medium">{t(`act.${act}`)}</span>
        <span id={`${act}-hint`} className="block text-ink-soft text-xs">
          {why ?? t(`act.${act}Hint`)}
        </span>
      </p>
      <Button
        variant={danger ? "danger" : "plain"}
        aria-describedby={`${act}-hint`}
        aria-disabled={why === null ? undefined : true}
        onClick={() => {
          if (why === null) onOpenChange(true);
        }}
      >
        {t(`act.${act}`)}
      </Button>
      <Dialog
        open={open}
        onOpenChange={onOpenChange}
        title={
          link === null
            ? t("act.confirm", { act: t(`act.${act}`), name: staff.name })
            : t("link.title", { name: staff.name })
        }
        description={link === null ? t(`act.${act}Hint`) : undefined}
      >
        {link === null ? (
          <div className="flex flex-col gap-4">
            <RefusalNotice refusal={refused} words={words} />
            <div className="flex justify-end gap-2">
              <Button onClick={() => onOpenChange(false)}>{ui("cancel")}</Button>
              <Button variant={danger ? "danger-solid" : "primary"} busy={busy} onClick={run}>
                {t("act.yes", { act: t(`act.${act}`) })}
              </Button>
            </div>
          </div>
        ) : (
          <CopyLink {...link} onClose={() => onOpenChange(false)} />
        )}
      </Dialog>
    </div>
  );
}

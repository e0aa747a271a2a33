"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { type RefusedAct, useMachineWords } from "./words";

/** Asks before an act, does it, and says why where it was refused. */
export default function ActDialog({
  title,
  description,
  act,
  danger,
  children,
  onClose,
  onAct,
}: {
  title: string;
  description?: string;
  /** The words of the button. */
  act: string;
  danger: boolean;
  children?: ReactNode;
  onClose: () => void;
  onAct: (form: FormData) => Promise<{ ok: true } | RefusedAct>;
}) {
  const tu = useTranslations("ui");
  const words = useMachineWords();
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<RefusedAct | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setRefused(null);
    const result = await onAct(new FormData(event.currentTarget)).catch(
      (): RefusedAct => ({ ok: false, reason: "no_answer" }),
    );
    setBusy(false);
    if (result.ok) {
      onClose();
      router.refresh();
    } else setRefused(result);
  };
  return (
    <Dialog open onOpenChange={(to) => !to && onClose()} title={title} description={description}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {children}
        <RefusalNotice refusal={refused} words={words} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{tu("cancel")}</Button>
          <Button type="submit" variant={danger ? "danger-solid" : "primary"} busy={busy}>
            {act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

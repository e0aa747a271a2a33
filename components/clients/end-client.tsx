"use client";

import { useRouter } from "next/navigation";
import { useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { showToast } from "@/components/ui/toast";
import type { EndClientInput } from "@/lib/clients/input";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import { type ClientRefusal, noAnswer, useClientWords } from "./words";

/** What ends a client. */
export type EndClientAction = Action<EndClientInput, Success | Refusal<"step_up_needed" | "not_found">>;

/** The button that ends a client, which asks before it does. */
export function EndClient({ client, end }: { client: { id: string; name: string }; end: EndClientAction }) {
  const t = useTranslations("clients");
  const ui = useTranslations("ui");
  const words = useClientWords();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [refused, setRefused] = useState<ClientRefusal | null>(null);
  const [busy, startTransition] = useTransition();
  const onOpenChange = (next: boolean) => {
    setOpen(next);
    setRefused(null);
  };
  const run = () =>
    startTransition(async () => {
      setRefused(null);
      const result = await end({ clientId: client.id }).catch(noAnswer);
      if (result.ok) {
        onOpenChange(false);
        void showToast(t("done", { name: client.name }));
        router.refresh();
      } else setRefused(result);
    });
  return (
    <>
      <Button
        size="sm"
        variant="danger"
        aria-label={t("endOne", { name: client.name })}
        onClick={() => onOpenChange(true)}
      >
        {t("end")}
      </Button>
      <Dialog
        open={open}
        onOpenChange={onOpenChange}
        title={t("endAsk", { name: client.name })}
        description={t("endHint")}
      >
        <div className="flex flex-col gap-4">
          <RefusalNotice refusal={refused} words={words} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => onOpenChange(false)}>{ui("cancel")}</Button>
            <Button variant="danger-solid" busy={busy} onClick={run}>
              {t("end")}
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}

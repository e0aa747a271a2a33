"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import { Moment } from "@/components/i18n/time";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { showToast } from "@/components/ui/toast";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import type { DoorReason } from "@/lib/staff/outcome";
import { type EnrolActions, EnrolPasskey, EnrolTotp } from "./enrol-factor";
import { RefusalNotice } from "./refusal-notice";
import { useAccountWords } from "./words";

type RemoveResult = Success | Refusal<"step_up_needed" | "not_found" | "last_factor">;

/** One's own second factors: what there is, adding, removing. */
export function AccountFactors({
  passkeys,
  totp,
  enrol,
  removePasskey,
  removeTotp,
}: {
  passkeys: readonly { id: string; name: string; createdAt: string; lastUsedAt: string | null }[];
  totp: boolean;
  enrol: EnrolActions;
  removePasskey: Action<{ passkeyId: string }, RemoveResult>;
  removeTotp: Action<object, RemoveResult>;
}) {
  const t = useTranslations("account");
  const ui = useTranslations("ui");
  const words = useAccountWords();
  const router = useRouter();
  const [dialog, setDialog] = useState<
    | { kind: "add-passkey" | "add-totp" }
    | { kind: "remove"; name: string; run: () => Promise<RemoveOutcome> }
    | null
  >(null);
  const [refused, setRefused] = useState<Refusal<
    DoorReason | "step_up_needed" | "not_found" | "last_factor"
  > | null>(null);
  const [busy, startTransition] = useTransition();
  const close = () => {
    setDialog(null);
    setRefused(null);
  };
  const onAdded = () => {
    close();
    void showToast(t("addedDone"));
    router.refresh();
  };
  const remove = (run: () => Promise<RemoveOutcome>) =>
    startTransition(async () => {
      const result = await run();
      if (result.ok) {
        close();
        void showToast(t("removed"));
        router.refresh();
      } else setRefused(result);
    });
  return (
    <>
      {passkeys.map((passkey) => (
        <Line
          key={passkey.id}
          title={passkey.name}
          about={
            <>
              {t("added")} <Moment at={passkey.createdAt} /> ·{" "}
              {passkey.lastUsedAt === null ? (
                t("neverUsed")
              ) : (
                <>
                  {t("used")} <Moment at={passkey.lastUsedAt} />
                </>
              )}
            </>
          }
        >
          <Button
            size="sm"
            variant="danger"
            aria-label={`${t("remove")}: ${passkey.name}`}
            onClick={() =>
              setDialog({
                kind: "remove",
                name: passkey.name,
                run: () => removePasskey({ passkeyId: passkey.id }),
              })
            }
          >
            {t("remove")}
          </Button>
        </Line>
      ))}
      <Line title={t("passkeys")} about={passkeys.length === 0 ? t("passkeysNone") : null}>
        <Button size="sm" onClick={() => setDialog({ kind: "add-passkey" })}>
          {t("addPasskey")}
        </Button>
      </Line>
      <Line title={t("app")} about={totp ? t("appOn") : t("appOff")}>
        {totp ? (
          <Button
            size="sm"
            variant="danger"
            aria-label={`${t("remove")}: ${t("app")}`}
            onClick={() => setDialog({ kind: "remove", name: t("app"), run: () => removeTotp({}) })}
          >
            {t("remove")}
          </Button>
        ) : (
          <Button size="sm" onClick={() => setDialog({ kind: "add-totp" })}>
            {t("addApp")}
          </Button>
        )}
      </Line>
      <Dialog
        open={dialog !== null}
        onOpenChange={close}
        title={
          dialog === null
            ? ""
            : dialog.kind === "remove"
              ? t("removeQuestion", { name: dialog.name })
              : t(dialog.kind === "add-passkey" ? "addPasskey" : "addApp")
        }
      >
        <div className="flex flex-col gap-4">
          {dialog?.kind === "add-passkey" && <EnrolPasskey actions={enrol} onDone={onAdded} />}
          {dialog?.kind === "add-totp" && <EnrolTotp actions={enrol} onDone={onAdded} />}
          {dialog?.kind === "remove" && (
            <>
              <RefusalNotice refusal={refused} words={words} />
              <div className="flex justify-end gap-2">
                <Button onClick={close}>{ui("cancel")}</Button>
                <Button variant="danger-solid" busy={busy} onClick={() => remove(dialog.run)}>
                  {t("remove")}
                </Button>
              </div>
            </>
          )}
        </div>
      </Dialog>
    </>
  );
}

type RemoveOutcome = Awaited<ReturnType<Action<object, RemoveResult>>>;

function Line({ title, about, children }: { title: ReactNode; about: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b px-4 py-3 last:border-b-0">
      <p className="min-w-0">
        <span className="font-medium">{title}</span>
        {about !== null && <span className="block text-ink-soft text-xs">{about}</span>}
      </p>
      {children}
    </div>
  );
}

"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import type { RotateClientInput } from "@/lib/clients/input";
import type { ClientKind } from "@/lib/clients/model";
import type { RotateClientResult } from "@/lib/clients/rotate";
import type { Action } from "@/lib/staff/action";
import { PublicKeyField } from "./key-fields";
import { fieldsOf } from "./kinds";
import { type MadeSecret, SecretOnce, toMadeSecret } from "./secret-once";
import { type ClientRefusal, isAboutKey, noAnswer, useClientWords } from "./words";

/** What gives a client another key. */
export type RotateClientAction = Action<RotateClientInput, RotateClientResult>;

/** The button that gives a client another key, which asks before it does, and shows the new one once. */
export function RotateClient({
  client,
  baseUrl,
  rotate,
}: {
  client: { id: string; name: string; kind: ClientKind };
  baseUrl: string;
  rotate: RotateClientAction;
}) {
  const t = useTranslations("clients");
  const ui = useTranslations("ui");
  const words = useClientWords();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<MadeSecret | null>(null);
  const [refused, setRefused] = useState<ClientRefusal | null>(null);
  const [busy, startTransition] = useTransition();
  const show = (next: boolean) => {
    setOpen(next);
    setMade(null);
    setRefused(null);
  };
  const takesKey = fieldsOf(client.kind).includes("publicKey");
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const publicKey = new FormData(event.currentTarget).get("publicKey");
    startTransition(async () => {
      setRefused(null);
      const result = await rotate({
        clientId: client.id,
        publicKey: takesKey ? String(publicKey ?? "") : null,
      }).catch(noAnswer);
      if (result.ok) {
        setMade(toMadeSecret(result));
        router.refresh();
      } else setRefused(result);
    });
  };
  const aboutKey = refused !== null && isAboutKey(refused) ? words(refused) : null;
  return (
    <>
      <Button size="sm" aria-label={t("rotateOne", { name: client.name })} onClick={() => show(true)}>
        {t("rotate")}
      </Button>
      <Dialog
        open={open}
        onOpenChange={(next) => (next || made === null) && !busy && show(next)}
        title={
          made === null ? t("rotateAsk", { name: client.name }) : t("secret.title", { name: client.name })
        }
        {...(made === null ? { description: t("rotateHint") } : {})}
      >
        {made === null ? (
          <form onSubmit={send} className="flex flex-col gap-4">
            {takesKey && <PublicKeyField wrong={aboutKey} />}
            {aboutKey === null && <RefusalNotice refusal={refused} words={words} />}
            <div className="flex justify-end gap-2">
              <Button onClick={() => show(false)}>{ui("cancel")}</Button>
              <Button type="submit" variant="danger-solid" busy={busy}>
                {t("rotate")}
              </Button>
            </div>
          </form>
        ) : (
          <SecretOnce secret={made} baseUrl={baseUrl} onClose={() => show(false)} />
        )}
      </Dialog>
    </>
  );
}

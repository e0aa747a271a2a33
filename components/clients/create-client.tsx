"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Button } from "@/components/ui/button";
import { CreateButton } from "@/components/ui/create-button";
import { Dialog } from "@/components/ui/dialog";
import { SelectField, TextField } from "@/components/ui/field";
import type { CreateClientResult } from "@/lib/clients/create";
import type { CreateClientInput } from "@/lib/clients/input";
import type { ClientKind } from "@/lib/clients/model";
import type { Action } from "@/lib/staff/action";
import { KeyField } from "./key-fields";
import { fieldsOf, kindNames, kinds } from "./kinds";
import { type MadeSecret, SecretOnce, toMadeSecret } from "./secret-once";
import { type ClientRefusal, isAboutKey, listWrongFields, noAnswer, useClientWords } from "./words";

/**
 * The button and the form that make a client, and its secret, which the page forgets with the dialog. Esc doesn't take the
 * secret away: only the button does.
 * @param why the reason why the reader may make none.
 */
export function CreateClient({
  baseUrl,
  create,
  why,
}: {
  baseUrl: string;
  create: Action<CreateClientInput, CreateClientResult>;
  why: string | null;
}) {
  const t = useTranslations("clients");
  const ui = useTranslations("ui");
  const words = useClientWords();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [kind, setKind] = useState<ClientKind>("client_key");
  const [made, setMade] = useState<MadeSecret | null>(null);
  const [refused, setRefused] = useState<ClientRefusal | null>(null);
  const [busy, startTransition] = useTransition();
  const show = (next: boolean) => {
    setOpen(next);
    setKind("client_key");
    setMade(null);
    setRefused(null);
  };
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    const shared = {
      name: String(form.get("name") ?? ""),
      callsPerSecond: Number(form.get("callsPerSecond")),
    };
    startTransition(async () => {
      setRefused(null);
      const result = await create(kinds[kind].toInput(shared, form)).catch(noAnswer);
      if (result.ok) {
        setMade(toMadeSecret(result));
        router.refresh();
      } else setRefused(result);
    });
  };
  const aboutKey = refused !== null && isAboutKey(refused) ? words(refused) : null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <CreateButton label={t("create")} why={why} onCreate={() => show(true)} />
      <Dialog
        open={open}
        onOpenChange={(next) => (next || made === null) && !busy && show(next)}
        title={made === null ? t("create") : t("secret.title", { name: made.name })}
      >
        {made === null ? (
          <form onSubmit={send} className="flex flex-col gap-4">
            <SelectField
              id="client-kind"
              name="kind"
              label={t("kind")}
              hint={t(`kindHint.${kind}`)}
              value={kind}
              onChange={(event) => setKind(kindNames.find((each) => each === event.target.value) ?? kind)}
              options={kindNames.map((each) => [each, t(`kindOf.${each}`)])}
            />
            <TextField
              id="client-name"
              name="name"
              label={t("name")}
              hint={t("nameHint")}
              maxLength={80}
              autoComplete="off"
              required
            />
            {fieldsOf(kind).map((field) => (
              <KeyField key={field} field={field} wrong={aboutKey} marked={listWrongFields(refused)} />
            ))}
            <TextField
              id="client-calls"
              name="callsPerSecond"
              type="number"
              label={t("callsPerSecond")}
              hint={t("callsHint")}
              min={1}
              max={100_000}
              defaultValue={20}
              required
            />
            {aboutKey === null && <RefusalNotice refusal={refused} words={words} />}
            <div className="flex justify-end gap-2">
              <Button onClick={() => show(false)}>{ui("cancel")}</Button>
              <Button type="submit" variant="primary" busy={busy}>
                {t("make")}
              </Button>
            </div>
          </form>
        ) : (
          <SecretOnce secret={made} baseUrl={baseUrl} onClose={() => show(false)} />
        )}
      </Dialog>
    </div>
  );
}

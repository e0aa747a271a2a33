"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslations } from "use-intl/react";
import { RefusalNotice } from "@/components/staff/refusal-notice";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { endpointsKey, messagesKey } from "./keys";
import { SecretOnce } from "./secret-once";
import { noAnswer, type OutgoingRefusal, useOutgoingWords } from "./words";

/** What an act answers where it came about; a secret is shown, this once. */
type Done = { ok: true; secret?: string };

/**
 * Asks before an act, does it, and says why where it was refused. A secret that
 * comes of it stays until the reader puts it away: Esc doesn't.
 * @param props.fields what is asked for; is told of the refusal, and which of it it shows itself.
 */
export default function ActDialog(props: {
  title: string;
  description?: string;
  act: string;
  danger?: boolean;
  name?: string;
  fields?: (refused: OutgoingRefusal | null) => ReactNode;
  showsItself?: (refused: OutgoingRefusal) => boolean;
  onClose: () => void;
  onAct: (form: FormData) => Promise<Done | OutgoingRefusal>;
}) {
  const { onClose, danger = false } = props;
  const t = useTranslations("outgoing.secret");
  const ui = useTranslations("ui");
  const words = useOutgoingWords();
  const queries = useQueryClient();
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<OutgoingRefusal | null>(null);
  const [secret, setSecret] = useState<{ text: string; name: string } | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setRefused(null);
    const result = await props.onAct(form).catch(noAnswer);
    setBusy(false);
    if (!result.ok) {
      setRefused(result);
      return;
    }
    void queries.invalidateQueries({ queryKey: endpointsKey });
    void queries.invalidateQueries({ queryKey: messagesKey });
    router.refresh();
    if (result.secret === undefined) onClose();
    else setSecret({ text: result.secret, name: props.name ?? String(form.get("description") ?? "") });
  };
  const isAbout = refused !== null && props.showsItself?.(refused) === true;
  return (
    <Dialog
      open
      onOpenChange={(to) => !to && secret === null && !busy && onClose()}
      title={secret === null ? props.title : t("title", { name: secret.name })}
      {...(secret === null && props.description !== undefined ? { description: props.description } : {})}
    >
      {secret === null ? (
        <form onSubmit={submit} className="flex flex-col gap-4">
          {props.fields?.(refused)}
          {!isAbout && <RefusalNotice refusal={refused} words={words} />}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{ui("cancel")}</Button>
            <Button type="submit" variant={danger ? "danger-solid" : "primary"} busy={busy}>
              {props.act}
            </Button>
          </div>
        </form>
      ) : (
        <SecretOnce secret={secret.text} onClose={onClose} />
      )}
    </Dialog>
  );
}

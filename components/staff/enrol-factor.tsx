"use client";

import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/browser";
import { useRouter } from "next/navigation";
import { type FormEvent, useId, useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import type { z } from "zod";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import type { passkeyRegistrationInput, totpInput } from "@/lib/staff/input";
import type { DoorReason } from "@/lib/staff/outcome";
import { RefusalNotice } from "./refusal-notice";
import { useSignInWords } from "./words";

/** What enrolling calls. */
export interface EnrolActions {
  beginPasskey: Action<
    object,
    Success<{ options: PublicKeyCredentialCreationOptionsJSON }> | Refusal<"step_up_needed">
  >;
  finishPasskey: Action<
    z.input<typeof passkeyRegistrationInput>,
    { ok: true } | Refusal<"step_up_needed" | "wrong" | "taken" | "session_over">
  >;
  beginTotp: Action<object, Success<{ secret: string; svg: string }> | Refusal<"step_up_needed" | "exists">>;
  confirmTotp: Action<
    z.input<typeof totpInput>,
    { ok: true } | Refusal<"step_up_needed" | "wrong" | "none" | "session_over">
  >;
}

type Reason =
  | DoorReason
  | "step_up_needed"
  | "wrong_passkey"
  | "wrong_code"
  | "taken"
  | "aborted"
  | "none"
  | "exists"
  | "session_over";

/** The outcome of enrolling: refused, and whether something is under way. A second factor grown old leads to the step-up and back. */
function useEnrolment(onDone: () => void) {
  const [refused, setRefused] = useState<Refusal<Reason> | null>(null);
  const [busy, startTransition] = useTransition();
  const run = (work: () => Promise<Refusal<Reason> | true | undefined>) =>
    startTransition(async () => {
      setRefused(null);
      const outcome = await work();
      if (outcome === true) onDone();
      else if (outcome !== undefined) setRefused(outcome);
    });
  return { refused, busy, run };
}

/** Adds a passkey. */
export function EnrolPasskey({
  actions: { beginPasskey, finishPasskey },
  onDone,
}: {
  actions: EnrolActions;
  onDone: () => void;
}) {
  const t = useTranslations("signIn.enrol");
  const words = useSignInWords();
  const id = useId();
  const { refused, busy, run } = useEnrolment(onDone);
  const add = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "");
    run(async () => {
      const begun = await beginPasskey({});
      if (!begun.ok) return begun;
      const { startRegistration } = await import("@simplewebauthn/browser");
      const made = await startRegistration({ optionsJSON: begun.options }).catch(() => undefined);
      if (made === undefined) return { ok: false, reason: "aborted" };
      const done = await finishPasskey({
        name,
        response: {
          ...made,
          response: { ...made.response },
          clientExtensionResults: { ...made.clientExtensionResults },
        },
      });
      if (done.ok) return true;
      return done.reason === "wrong"
        ? { ok: false, reason: "wrong_passkey" }
        : { ...done, reason: done.reason };
    });
  };
  return (
    <form onSubmit={add} className="flex flex-col gap-4 text-sm">
      <TextField
        id={`${id}name`}
        name="name"
        label={t("passkeyName")}
        hint={t("passkeyNameHint")}
        maxLength={60}
        autoComplete="off"
        required
      />
      <RefusalNotice refusal={refused} words={words} />
      <Button type="submit" variant="primary" busy={busy}>
        {t("passkey")}
      </Button>
    </form>
  );
}

/** Sets up an authenticator app: shows the secret once, and takes the first code of it. */
export function EnrolTotp({
  actions: { beginTotp, confirmTotp },
  onDone,
}: {
  actions: EnrolActions;
  onDone: () => void;
}) {
  const t = useTranslations("signIn.enrol");
  const words = useSignInWords();
  const id = useId();
  const [shown, setShown] = useState<{ secret: string; svg: string } | null>(null);
  const { refused, busy, run } = useEnrolment(onDone);
  const begin = () =>
    run(async () => {
      const begun = await beginTotp({});
      if (!begun.ok) return begun;
      setShown(begun);
      return undefined;
    });
  const confirm = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code") ?? "");
    run(async () => {
      const done = await confirmTotp({ code });
      if (done.ok) return true;
      return done.reason === "wrong" || done.reason === "invalid"
        ? { ok: false, reason: "wrong_code" }
        : { ...done, reason: done.reason };
    });
  };
  const problem = <RefusalNotice refusal={refused} words={words} />;
  if (shown === null)
    return (
      <>
        {problem}
        <Button onClick={begin} busy={busy}>
          {t("app")}
        </Button>
      </>
    );
  return (
    <form onSubmit={confirm} className="flex flex-col gap-4 text-sm">
      <p>{t("scan")}</p>
      {/* biome-ignore lint/performance/noImgElement: made here, in the page itself */}
      <img
        src={`data:image/svg+xml,${encodeURIComponent(shown.svg)}`}
        alt={t("qr")}
        width={208}
        height={208}
        className="self-center rounded-lg border"
      />
      <p className="text-ink-soft text-xs">
        {t("secret")} <code className="font-mono text-ink">{shown.secret.match(/.{1,4}/g)?.join(" ")}</code>
      </p>
      <TextField
        id={`${id}code`}
        name="code"
        label={t("code")}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={7}
        required
        mono
      />
      {problem}
      <Button type="submit" variant="primary" busy={busy}>
        {t("confirm")}
      </Button>
    </form>
  );
}

/** The first second factor: a passkey by preference, or an app. */
export function EnrolFirst({ actions, next }: { actions: EnrolActions; next: string }) {
  const t = useTranslations("signIn");
  const router = useRouter();
  const onDone = () => router.replace(next);
  return (
    <>
      <EnrolPasskey actions={actions} onDone={onDone} />
      <p className="flex items-center gap-3 text-ink-soft text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        {t("or")}
      </p>
      <EnrolTotp actions={actions} onDone={onDone} />
    </>
  );
}

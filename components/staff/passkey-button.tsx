"use client";

import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";
import { type ReactNode, useState, useTransition } from "react";
import type { z } from "zod";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/state";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import type { passkeyInput } from "@/lib/staff/input";
import type { DoorReason } from "@/lib/staff/outcome";
import { useSignInWords } from "./words";

/** Asks the browser for a passkey and shows it: to sign in, or as the second factor. */
export function PasskeyButton({
  begin,
  finish,
  returnTo,
  variant = "plain",
  children,
}: {
  begin: Action<
    object,
    Success<{ options: PublicKeyCredentialRequestOptionsJSON }> | Refusal<"none" | "busy">
  >;
  finish: Action<z.input<typeof passkeyInput>, Refusal<"wrong" | "session_over" | "busy">>;
  returnTo: string;
  variant?: "plain" | "primary";
  children: ReactNode;
}) {
  const words = useSignInWords();
  const [refused, setRefused] = useState<Refusal<
    DoorReason | "none" | "wrong_passkey" | "aborted" | "session_over" | "busy"
  > | null>(null);
  const [busy, startTransition] = useTransition();
  const show = () =>
    startTransition(async () => {
      setRefused(null);
      const begun = await begin({});
      if (!begun.ok) return setRefused(begun);
      const { startAuthentication } = await import("@simplewebauthn/browser");
      const shown = await startAuthentication({ optionsJSON: begun.options }).catch(() => undefined);
      if (shown === undefined) return setRefused({ ok: false, reason: "aborted" });
      const done = await finish({
        response: {
          ...shown,
          response: { ...shown.response },
          clientExtensionResults: { ...shown.clientExtensionResults },
        },
        return: returnTo,
      });
      if (done.reason === "wrong") return setRefused({ ok: false, reason: "wrong_passkey" });
      setRefused({ ...done, reason: done.reason });
    });
  return (
    <>
      <Button onClick={show} busy={busy} variant={variant}>
        {children}
      </Button>
      {refused !== null && <Notice tone="danger" alert title={words(refused)} />}
    </>
  );
}

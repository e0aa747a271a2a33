"use client";

import { useActionState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/state";
import type { Refusal } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import { useSignInWords } from "./words";

/** Six digits of the authenticator app, as the second factor. */
export function TotpForm({
  action,
  returnTo,
}: {
  action: Action<
    never,
    Refusal<"wrong" | "none" | "session_over"> | Refusal<"throttled", { retryAfterSeconds: number }>
  >;
  returnTo: string;
}) {
  const t = useTranslations("signIn.factor");
  const words = useSignInWords();
  const [state, act, busy] = useActionState(action, null);
  return (
    <form action={act} className="flex flex-col gap-4">
      <input type="hidden" name="return" value={returnTo} />
      <TextField
        id="code"
        name="code"
        label={t("totp")}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={7}
        required
        mono
      />
      {state !== null && (
        <Notice
          tone="danger"
          alert
          title={words(
            state.reason === "wrong" || state.reason === "invalid"
              ? { ok: false, reason: "wrong_code" }
              : state,
          )}
        />
      )}
      <Button type="submit" variant="primary" busy={busy}>
        {t("totpSubmit")}
      </Button>
    </form>
  );
}

"use client";

import { useActionState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/state";
import type { Refusal } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import { useSignInWords } from "./words";

/** Sets the password of whom a one-time link is for. */
export function NewPasswordForm({
  action,
  token,
  email,
}: {
  action: Action<never, Refusal<"gone" | "weak_password" | "busy">>;
  token: string;
  email: string;
}) {
  const t = useTranslations("signIn.link");
  const words = useSignInWords();
  const [state, act, busy] = useActionState(action, null);
  return (
    <form action={act} className="flex flex-col gap-4">
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="username" autoComplete="username" value={email} />
      <TextField
        id="password"
        name="password"
        type="password"
        label={t("password")}
        autoComplete="new-password"
        required
        autoFocus
      />
      {state !== null && <Notice tone="danger" alert title={words(state)} />}
      <Button type="submit" variant="primary" busy={busy}>
        {t("submit")}
      </Button>
    </form>
  );
}

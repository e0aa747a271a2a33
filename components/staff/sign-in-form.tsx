"use client";

import { useActionState, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/state";
import type { Refusal } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import { useSignInWords } from "./words";

/** E-mail and password. */
export function SignInForm({
  action,
  returnTo,
}: {
  action: Action<never, Refusal<"wrong" | "busy">>;
  returnTo: string;
}) {
  const t = useTranslations("signIn");
  const words = useSignInWords();
  const [state, act, busy] = useActionState(action, null);
  const [email, setEmail] = useState("");
  return (
    <form action={act} className="flex flex-col gap-4">
      <input type="hidden" name="return" value={returnTo} />
      <TextField
        id="email"
        name="email"
        type="email"
        label={t("email")}
        autoComplete="username"
        defaultValue={email}
        onChange={(event) => setEmail(event.target.value)}
        required
        autoFocus
      />
      <TextField
        id="password"
        name="password"
        type="password"
        label={t("password")}
        autoComplete="current-password"
        required
      />
      {state !== null && <Notice tone="danger" alert title={words(state)} />}
      <Button type="submit" variant="primary" busy={busy}>
        {t("submit")}
      </Button>
    </form>
  );
}

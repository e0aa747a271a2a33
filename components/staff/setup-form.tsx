"use client";

import { type ChangeEvent, useActionState, useState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/state";
import type { Refusal } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import { useSignInWords } from "./words";

/** Makes the first owner. */
export function SetupForm({
  action,
}: {
  action: Action<never, Refusal<"wrong_code" | "already_set_up" | "weak_password" | "busy">>;
}) {
  const t = useTranslations("signIn");
  const words = useSignInWords();
  const [state, act, busy] = useActionState(action, null);
  const [typed, setTyped] = useState<Record<string, string>>({});
  // A form that was acted on falls back to its defaults: what was typed is made the default.
  const kept = (name: string) => ({
    name,
    id: name,
    defaultValue: typed[name] ?? "",
    onChange: (event: ChangeEvent<HTMLInputElement>) => setTyped({ ...typed, [name]: event.target.value }),
  });
  return (
    <form action={act} className="flex flex-col gap-4">
      <TextField {...kept("code")} label={t("setup.code")} autoComplete="off" mono required autoFocus />
      <TextField {...kept("name")} label={t("setup.name")} autoComplete="name" maxLength={120} required />
      <TextField {...kept("email")} type="email" label={t("email")} autoComplete="username" required />
      <TextField
        id="password"
        name="password"
        type="password"
        label={t("password")}
        hint={t("setup.passwordHint")}
        autoComplete="new-password"
        required
      />
      {state !== null && (
        <Notice
          tone="danger"
          alert
          title={words(state.reason === "wrong_code" ? { ok: false, reason: "wrong_setup_code" } : state)}
        />
      )}
      <Button type="submit" variant="primary" busy={busy}>
        {t("setup.submit")}
      </Button>
    </form>
  );
}

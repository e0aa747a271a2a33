"use client";

import { type FormEvent, useRef, useState, useTransition } from "react";
import { useTranslations } from "use-intl/react";
import type { z } from "zod";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/state";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import type { changePasswordInput } from "@/lib/staff/input";
import type { DoorReason } from "@/lib/staff/outcome";
import { RefusalNotice } from "./refusal-notice";
import { useAccountWords } from "./words";

/** Changes one's own password. `hasPassword`: the one of before is asked for. */
export function ChangePasswordForm({
  change,
  hasPassword,
  email,
}: {
  change: Action<
    z.input<typeof changePasswordInput>,
    Success | Refusal<"step_up_needed" | "wrong" | "throttled" | "weak_password">
  >;
  hasPassword: boolean;
  email: string;
}) {
  const t = useTranslations("account");
  const words = useAccountWords();
  const form = useRef<HTMLFormElement>(null);
  const [outcome, setOutcome] = useState<
    "changed" | Refusal<DoorReason | "step_up_needed" | "wrong" | "throttled" | "weak_password"> | null
  >(null);
  const [busy, startTransition] = useTransition();
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    startTransition(async () => {
      setOutcome(null);
      const result = await change({
        current: String(given.get("current") ?? ""),
        password: String(given.get("password")),
      });
      if (result.ok) {
        form.current?.reset();
        setOutcome("changed");
      } else setOutcome(result);
    });
  };
  return (
    <form ref={form} onSubmit={send} className="flex max-w-sm flex-col gap-4 p-4">
      <input type="hidden" name="username" autoComplete="username" value={email} />
      {hasPassword && (
        <TextField
          id="current"
          name="current"
          type="password"
          label={t("passwordCurrent")}
          autoComplete="current-password"
          required
        />
      )}
      <TextField
        id="new-password"
        name="password"
        type="password"
        label={t("passwordNew")}
        hint={t("passwordHint")}
        autoComplete="new-password"
        required
      />
      {outcome === "changed" && <Notice tone="ok" alert title={t("passwordChanged")} />}
      {outcome !== "changed" && <RefusalNotice refusal={outcome} words={words} />}
      <div>
        <Button type="submit" busy={busy}>
          {t("passwordSubmit")}
        </Button>
      </div>
    </form>
  );
}

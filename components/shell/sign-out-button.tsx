"use client";

import { useActionState } from "react";
import { useTranslations } from "use-intl/react";
import { Button } from "@/components/ui/button";
import type { Action } from "@/lib/staff/action";
import { leave, wouldLose } from "./leaving";

/** Ends the session, here and in the database, and what the tab keeps of it; asks first where that would lose something. */
export function SignOutButton({ action }: { action: Action<never, { ok: true }> }) {
  const t = useTranslations("shell");
  const door = useTranslations("ui.door");
  const [state, act, busy] = useActionState(action, null);
  return (
    <form
      action={act}
      onSubmit={(event) => {
        if (!wouldLose()) {
          sessionStorage.clear();
          return;
        }
        event.preventDefault();
        const form = event.currentTarget;
        leave(() => form.requestSubmit());
      }}
    >
      <Button type="submit" size="sm" busy={busy} data-command={t("signOut")}>
        {t("signOut")}
      </Button>
      {state !== null && !state.ok && (
        <p role="alert" className="mt-1 text-danger text-xs">
          {door(state.reason, { requestId: state.requestId })}
        </p>
      )}
    </form>
  );
}

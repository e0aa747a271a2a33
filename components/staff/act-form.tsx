"use client";

import { type ComponentProps, useActionState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/state";
import type { Refusal } from "@/lib/platform/outcome";
import type { Action } from "@/lib/staff/action";
import { useSignInWords } from "./words";

/** A button on the way in that leads elsewhere (to the OpenID provider, out); works without script. */
export function ActForm({
  action,
  returnTo,
  variant = "plain",
  children,
}: {
  action: Action<never, { ok: true } | Refusal<"provider_away" | "busy">>;
  returnTo?: string;
  variant?: ComponentProps<typeof Button>["variant"];
  children: string;
}) {
  const words = useSignInWords();
  const [state, act, busy] = useActionState(action, null);
  return (
    <form action={act} className="flex flex-col gap-4">
      {returnTo !== undefined && <input type="hidden" name="return" value={returnTo} />}
      <Button type="submit" variant={variant} busy={busy}>
        {children}
      </Button>
      {state !== null && !state.ok && <Notice tone="danger" alert title={words(state)} />}
    </form>
  );
}

"use client";

import { useTranslations } from "use-intl/react";
import { Badge, type Tone } from "@/components/ui/badge";
import type { GrantState } from "@/lib/grants/model";

const tones: Record<GrantState, Tone> = {
  live: "warn",
  spent: "ok",
  expired: "neutral",
  revoked: "danger",
  replaced: "neutral",
};

/** Says why a grant ended: as staff chose it, or as the system did. */
export function useEndReason(): (reason: string) => string {
  const t = useTranslations("user.end.reasons");
  return (reason) => (t.has(reason as "found") ? t(reason as "found") : reason);
}

/** How a grant stands: live, or how it ended. */
export function GrantEnd({ state }: { state: GrantState }) {
  const t = useTranslations("ui.grantState");
  return <Badge tone={tones[state]}>{t(state)}</Badge>;
}

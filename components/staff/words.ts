"use client";

import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import type en from "@/components/messages/en.json";
import type { Refusal } from "@/lib/platform/outcome";
import { type DoorReason, type DoorRefusal, isDoorRefusal } from "@/lib/staff/outcome";

/** `step_up_needed` is for `RefusalNotice` to say. */
type Spoken<Reason extends string> = Refusal<Reason | DoorReason | "step_up_needed">;

/** Says a door's own no. */
export function useDoorWords(): (refusal: DoorRefusal) => string {
  const t = useTranslations("ui.door");
  return (refusal) => t(refusal.reason, { requestId: refusal.requestId });
}

/** Says why a step of the way in was refused. */
export function useSignInWords(): (refusal: Spoken<keyof (typeof en)["signIn"]["refusal"]>) => string {
  const t = useTranslations("signIn.refusal");
  const door = useDoorWords();
  const { formats } = useReader();
  return (refusal) => {
    if (isDoorRefusal(refusal)) return door(refusal);
    const seconds = "retryAfterSeconds" in refusal ? Number(refusal.retryAfterSeconds) : 0;
    return t(refusal.reason as keyof (typeof en)["signIn"]["refusal"], { left: formats.span(seconds) });
  };
}

/** Says why an act on staff was refused. */
export function useStaffWords(): (refusal: Spoken<keyof (typeof en)["staff"]["refusal"]>) => string {
  const t = useTranslations("staff.refusal");
  const door = useDoorWords();
  return (refusal) =>
    isDoorRefusal(refusal) ? door(refusal) : t(refusal.reason as keyof (typeof en)["staff"]["refusal"]);
}

/** Says why an act on one's own account was refused. */
export function useAccountWords(): (refusal: Spoken<keyof (typeof en)["account"]["refusal"]>) => string {
  const t = useTranslations("account.refusal");
  const door = useDoorWords();
  return (refusal) =>
    isDoorRefusal(refusal) ? door(refusal) : t(refusal.reason as keyof (typeof en)["account"]["refusal"]);
}

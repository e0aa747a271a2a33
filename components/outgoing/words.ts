"use client";

import { useTranslations } from "use-intl/react";
import type en from "@/components/messages/en.json";
import { useDoorWords } from "@/components/staff/words";
import type { Refusal } from "@/lib/platform/outcome";
import { type DoorReason, isDoorRefusal } from "@/lib/staff/outcome";

/** Why an act on webhooks did not come about; `no_answer`: it may have. */
export type OutgoingRefusal = Refusal<
  DoorReason | keyof (typeof en)["outgoing"]["refusal"] | "step_up_needed",
  { fields?: Record<string, string[]> }
>;

/** What stands for the answer of a server action that brought none. */
export const noAnswer = (): OutgoingRefusal => ({ ok: false, reason: "no_answer" });

/** Says why an act on webhooks was refused. */
export function useOutgoingWords(): (refusal: OutgoingRefusal) => string {
  const t = useTranslations("outgoing.refusal");
  const door = useDoorWords();
  return (refusal) =>
    isDoorRefusal(refusal) ? door(refusal) : t(refusal.reason as keyof (typeof en)["outgoing"]["refusal"]);
}

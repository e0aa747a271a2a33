"use client";

import { useTranslations } from "use-intl/react";
import { useDoorWords } from "@/components/staff/words";
import type { Tone } from "@/components/ui/badge";
import type { ImportState } from "@/lib/imports/model";
import type { Refusal } from "@/lib/platform/outcome";
import { type DoorReason, isDoorRefusal } from "@/lib/staff/outcome";

/** Why an act on imports did not come about; `no_answer`: it may have. */
export type ImportRefusal = Refusal<
  | DoorReason
  | "step_up_needed"
  | "not_found"
  | "changed_meanwhile"
  | "disabled_not_named"
  | "misfit"
  | "incomplete"
  | "finished"
  | "no_answer"
>;

/** What stands for the answer of a server action that brought none. */
export const noAnswer = (): Refusal<"no_answer"> => ({ ok: false, reason: "no_answer" });

/** Says why an act on imports was refused. */
export function useImportWords(): (refusal: ImportRefusal) => string {
  const t = useTranslations("directory.refusal");
  const door = useDoorWords();
  return (refusal) =>
    isDoorRefusal(refusal)
      ? door(refusal)
      : t(refusal.reason as Exclude<ImportRefusal["reason"], DoorReason | "step_up_needed">);
}

/** How a state looks. */
export const toneOf: Readonly<Record<ImportState, Tone>> = {
  receiving: "neutral",
  queued: "neutral",
  previewing: "accent",
  waiting: "warn",
  running: "accent",
  stopping: "warn",
  stopped: "warn",
  done: "ok",
  failed: "danger",
  discarded: "neutral",
};

/** Whether an import in that state moves by itself. */
export const isMoving = (state: ImportState): boolean =>
  ["receiving", "queued", "previewing", "running", "stopping"].includes(state);

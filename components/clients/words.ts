"use client";

import { useTranslations } from "use-intl/react";
import { useDoorWords } from "@/components/staff/words";
import type { Refusal } from "@/lib/platform/outcome";
import { type DoorReason, isDoorRefusal } from "@/lib/staff/outcome";

/** Why an act on clients did not come about; `no_answer`: it may have. */
export type ClientRefusal = Refusal<
  DoorReason | "step_up_needed" | "too_many" | "not_found" | "no_answer" | KeyReason
>;

/** What can be wrong with a public key that was brought. */
const keyReasons = ["bad_key", "private_key", "weak_key", "no_public_key"] as const;
type KeyReason = (typeof keyReasons)[number];

/** Whether it is the public key that was brought. */
export function isAboutKey({ reason }: ClientRefusal): boolean {
  return (keyReasons as readonly string[]).includes(reason);
}

const markable = ["redirectUris", "tenantId", "appId", "discoveryUrl"] as const;
/** A field that says itself what is wrong with it. */
export type MarkableField = (typeof markable)[number];

/** The fields of the form that are to be marked as wrong. */
export function listWrongFields(refusal: ClientRefusal | null): readonly MarkableField[] {
  const fields = refusal !== null && "fields" in refusal ? (refusal.fields ?? {}) : {};
  return markable.filter((name) => name in (fields as object));
}

/** What stands for the answer of a server action that brought none. */
export const noAnswer = (): Refusal<"no_answer"> => ({ ok: false, reason: "no_answer" });

/** Says why an act on clients was refused. */
export function useClientWords(): (refusal: ClientRefusal) => string {
  const t = useTranslations("clients.refusal");
  const door = useDoorWords();
  return (refusal) => {
    if (isDoorRefusal(refusal)) return door(refusal);
    return t(refusal.reason as Exclude<ClientRefusal["reason"], DoorReason | "step_up_needed">);
  };
}

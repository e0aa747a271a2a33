"use client";

import { useTranslations } from "use-intl/react";
import { useDoorWords } from "@/components/staff/words";
import type { AskSyncResult } from "@/lib/ldap/ask-sync";
import type { ForgetDirectoryResult, SaveDirectoryResult } from "@/lib/ldap/save-directory";
import type { TestDirectoryResult } from "@/lib/ldap/test-directory";
import type { Refusal } from "@/lib/platform/outcome";
import { type DoorReason, isDoorRefusal } from "@/lib/staff/outcome";

type Refused<R> = Extract<R, { ok: false }>;

/** Why an act on the LDAP directory did not come about; `no_answer`: it may have. */
export type LdapRefusal =
  | Refused<AskSyncResult | SaveDirectoryResult | ForgetDirectoryResult | TestDirectoryResult>
  | Refusal<DoorReason | "no_answer">;

/** Says why an act on the LDAP directory was refused. */
export function useLdapWords(): (refusal: LdapRefusal) => string {
  const t = useTranslations("directory.ldap.refusal");
  const door = useDoorWords();
  return (refusal) =>
    isDoorRefusal(refusal)
      ? door(refusal)
      : t(refusal.reason as Exclude<LdapRefusal["reason"], DoorReason | "step_up_needed">);
}

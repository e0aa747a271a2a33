"use client";

import { useTranslations } from "use-intl/react";
import type en from "@/components/messages/en.json";
import { useDoorWords } from "@/components/staff/words";
import { isDoorRefusal } from "@/lib/staff/outcome";

type Reason = keyof (typeof en)["machines"]["refusal"];

/** A refusal of an act on machines, as a server action answers it. */
export interface RefusedAct {
  readonly ok: false;
  readonly reason: string;
}

/** Says why an act on machines was refused. */
export function useMachineWords(): (refusal: RefusedAct) => string {
  const t = useTranslations("machines.refusal");
  const door = useDoorWords();
  return (refusal) => {
    if (isDoorRefusal(refusal)) return door(refusal);
    const about = refusal as { users?: readonly string[]; machines?: number };
    return t(refusal.reason as Reason, {
      users: about.users?.join(", ") ?? "",
      count: about.machines ?? 0,
    });
  };
}
